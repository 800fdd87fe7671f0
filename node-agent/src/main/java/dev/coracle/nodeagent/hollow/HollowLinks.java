package dev.coracle.nodeagent.hollow;

import dev.coracle.fabric.Cidr;
import dev.coracle.fabric.netns.NetworkNamespace;
import dev.coracle.nodeagent.podnetwork.PodAddresses;
import dev.coracle.nodeagent.podnetwork.PodLinks;
import java.nio.file.Path;
import java.util.List;

/** Addresses that lead nowhere. Thread-safe. */
final class HollowLinks implements PodLinks {

    private final PodAddresses addresses;

    HollowLinks(Cidr podCidr) {
        this.addresses = new PodAddresses(podCidr);
    }

    @Override
    public Attachment attach(String id, List<HostPort> ports) {
        return new Attachment(id, addresses.allocate(), NetworkNamespace.OWN, ports);
    }

    @Override
    public void detach(Attachment attachment) {
        addresses.release(attachment.address());
    }

    @Override
    public Path nodeNamespace() {
        return NetworkNamespace.OWN;
    }
}
