package dev.coracle.nodeagent.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a plain process cannot be. Pure. */
final class PlainRefusals {

    private PlainRefusals() {}

    /**
     * The first thing that the container asks for and cannot have, as a sentence.
     *
     * @param self the user that all processes run as
     */
    static Optional<String> of(ContainerSpec spec, int self) {
        Confinement confinement = spec.confinement();
        String user = spec.user().split(":", 2)[0];
        if (!user.isEmpty() && !user.equals("0") && !user.equals(Integer.toString(self))) {
            return Optional.of(
                    "user " + user + ": processes of this fabric run as user " + self + " only");
        }
        List<String> asked = new ArrayList<>();
        if (spec.image().root() != null) {
            asked.add("an image with a file system of its own");
        }
        if (confinement.privileged()) {
            asked.add("privileged: true");
        }
        if (confinement.readOnlyRoot()) {
            asked.add("readOnlyRootFilesystem: true");
        }
        if (confinement.unmaskedProc()) {
            asked.add("procMount: Unmasked");
        }
        if (confinement.filtersCalls()) {
            asked.add("a seccompProfile of type RuntimeDefault");
        }
        if (!confinement.groups().isEmpty()) {
            asked.add("supplementalGroups or fsGroup");
        }
        confinement.capabilities().stream()
                .filter(name -> !Confinement.DEFAULT_CAPABILITIES.contains(name))
                .forEach(name -> asked.add("capability " + name));
        return asked.isEmpty()
                ? Optional.empty()
                : Optional.of(asked.getFirst() + " needs rights that this fabric does without");
    }
}
