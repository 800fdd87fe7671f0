package dev.coracle.nodeagent.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a container may do.
 *
 * @param privileged sees the node's devices and kernel settings as they are
 * @param noNewPrivileges no program it runs has more rights than itself
 * @param readOnlyRoot only volumes can be written to
 * @param filtersCalls whether system calls that programs have no use for are refused
 * @param unmaskedProc whether all of /proc can be seen and written
 * @param capabilities all it can ever have, in lower case and without {@code cap_}; of no meaning
 *     if it is privileged
 * @param groups besides its own
 * @param cgroups folders of the cgroups that its processes belong to
 * @param startError where it is written why the program could not be started
 */
public record Confinement(
        boolean privileged,
        boolean noNewPrivileges,
        boolean readOnlyRoot,
        boolean filtersCalls,
        boolean unmaskedProc,
        List<String> capabilities,
        List<Long> groups,
        List<Path> cgroups,
        Path startError) {

    /** What a container has that asks for nothing else. */
    public static final List<String> DEFAULT_CAPABILITIES =
            List.of(
                    "chown",
                    "dac_override",
                    "fowner",
                    "fsetid",
                    "kill",
                    "net_bind_service",
                    "net_raw",
                    "setfcap",
                    "setgid",
                    "setpcap",
                    "setuid",
                    "sys_chroot");

    public Confinement {
        capabilities = List.copyOf(capabilities);
        groups = List.copyOf(groups);
        cgroups = List.copyOf(cgroups);
    }

    /** As a container that says nothing about it. */
    public static Confinement standard(Path startError) {
        return new Confinement(
                false,
                false,
                false,
                false,
                false,
                DEFAULT_CAPABILITIES,
                List.of(),
                List.of(),
                startError);
    }

    /**
     * The command that turns root into the container's user with its rights and runs what follows.
     *
     * @param setpriv the words that run setpriv(1) there
     * @param user numeric {@code uid} or {@code uid:gid}, or empty for root
     */
    List<String> drop(List<String> setpriv, String user) {
        String[] ids = (user.isEmpty() ? "0:0" : user).split(":", 2);
        String group = ids.length > 1 ? ids[1] : ids[0];
        List<String> command = new ArrayList<>(setpriv);
        command.addAll(List.of("--reuid", ids[0], "--regid", group));
        if (UserIds.here().groupsCanBeSet()) {
            List<String> all = new ArrayList<>(List.of(group));
            groups.stream().map(String::valueOf).filter(g -> !g.equals(group)).forEach(all::add);
            command.addAll(List.of("--groups", String.join(",", all)));
        } else {
            command.add("--keep-groups");
        }
        if (!privileged) {
            StringBuilder bounds = new StringBuilder("--bounding-set=-all");
            capabilities.forEach(name -> bounds.append(",+").append(name));
            command.add(bounds.toString());
            command.add("--inh-caps=-all");
        }
        if (noNewPrivileges) {
            command.add("--no-new-privs");
        }
        return command;
    }

    /** Shell lines that put the shell into the cgroups. */
    List<String> join() {
        return cgroups.stream()
                .map(folder ->
                        "echo 0 > " + LaunchScript.quote(folder.resolve("cgroup.procs").toString()))
                .toList();
    }
}
