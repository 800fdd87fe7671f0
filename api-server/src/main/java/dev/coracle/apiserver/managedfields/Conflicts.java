package dev.coracle.apiserver.managedfields;

import dev.coracle.apiserver.managedfields.ManagedFields.Owner;
import dev.coracle.apiserver.status.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is said when an applied configuration sets fields that others own. */
final class Conflicts {

    private Conflicts() {}

    private record Conflict(Owner owner, String path) {}

    /**
     * Throws unless nothing is in conflict.
     *
     * @param allowed paths that may be taken without force; only if they are all there is
     * @throws ApiException 409 with a cause for each field, in upstream's words
     */
    static void refuse(Map<Owner, FieldSet> conflicts, Set<String> allowed) {
        List<Conflict> found = new ArrayList<>();
        conflicts.forEach((owner, fields) -> {
            for (String path : fields.paths()) {
                if (!allowed.contains(path)) {
                    found.add(new Conflict(owner, path));
                }
            }
        });
        if (!found.isEmpty()) {
            throw ApiException.applyConflict(
                    message(found),
                    found.stream()
                            .map(conflict ->
                                    new ApiException.Cause(
                                            "FieldManagerConflict",
                                            "conflict with " + conflict.owner().described(),
                                            conflict.path()))
                            .toList());
        }
    }

    private static String message(List<Conflict> conflicts) {
        if (conflicts.size() == 1) {
            Conflict only = conflicts.getFirst();
            return "Apply failed with 1 conflict: conflict with "
                    + only.owner().described()
                    + ": "
                    + only.path();
        }
        StringBuilder text =
                new StringBuilder("Apply failed with " + conflicts.size() + " conflicts: ");
        Owner last = null;
        for (Conflict conflict : conflicts) {
            if (!conflict.owner().equals(last)) {
                text.append(last == null ? "" : "\n")
                        .append("conflicts with ")
                        .append(conflict.owner().described())
                        .append(":");
                last = conflict.owner();
            }
            text.append("\n- ").append(conflict.path());
        }
        return text.toString();
    }
}
