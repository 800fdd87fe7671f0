package dev.coracle.cluster.fabric;

import dev.coracle.cluster.rootless.RootlessRun;
import dev.coracle.cluster.rootless.Target;
import dev.coracle.fabric.UserPorts;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where the cluster's addresses are on this machine.
 *
 * @param firstPort the lowest port that the cluster's user may open there
 */
public record Outside(Fabric fabric, int firstPort) {

    /** Of the cluster of this process, or of one that it looks at from outside. */
    public static Outside of(Fabric fabric) {
        return new Outside(
                fabric,
                switch (fabric) {
                    case NETNS -> 0;
                    case ROOTLESS ->
                            RootlessRun.socketInside() == null
                                    ? UserPorts.here().first()
                                    : RootlessRun.firstPortOutside();
                    case LOOPBACK -> UserPorts.here().first();
                });
    }

    /** {@code address:port} of what has this address and port in the cluster. */
    public String authority(String address, int port) {
        if (fabric == Fabric.NETNS) {
            return address + ":" + port;
        }
        InetSocketAddress there = new Target("tcp", address, port).outside(firstPort);
        return there.getAddress().getHostAddress() + ":" + there.getPort();
    }

    /** The URL of a web server at port 80. */
    public String url(String address) {
        return "http://" + authority(address, 80).replaceFirst(":80$", "") + "/";
    }

    /** What a user has to know. */
    public List<String> sentences() {
        String ports =
                firstPort > 1
                        ? "ports below " + firstPort + " are 10000 higher"
                        : "ports are the same";
        return switch (fabric) {
            case NETNS -> List.of();
            case ROOTLESS ->
                    List.of(
                            "on this machine 10.88.0.N is 127.88.0.N and 10.89.0.N is 127.89.0.N; "
                                    + ports);
            case LOOPBACK ->
                    List.of(
                            "pods are plain processes; Services listen on their addresses; "
                                    + ports);
        };
    }
}
