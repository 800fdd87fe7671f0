package dev.coracle.nodeagent.pod;

import dev.coracle.nodeagent.image.Image;
import dev.coracle.nodeagent.runtime.Confinement;
import dev.coracle.nodeagent.volume.MissingObjectException;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A container's security context, its own fields before its pod's. Pure. */
final class SecurityRules {

    private static final List<String> ALL_CAPABILITIES =
            List.of(
                    "audit_control",
                    "audit_read",
                    "audit_write",
                    "block_suspend",
                    "bpf",
                    "checkpoint_restore",
                    "chown",
                    "dac_override",
                    "dac_read_search",
                    "fowner",
                    "fsetid",
                    "ipc_lock",
                    "ipc_owner",
                    "kill",
                    "lease",
                    "linux_immutable",
                    "mac_admin",
                    "mac_override",
                    "mknod",
                    "net_admin",
                    "net_bind_service",
                    "net_broadcast",
                    "net_raw",
                    "perfmon",
                    "setfcap",
                    "setgid",
                    "setpcap",
                    "setuid",
                    "sys_admin",
                    "sys_boot",
                    "sys_chroot",
                    "sys_module",
                    "sys_nice",
                    "sys_pacct",
                    "sys_ptrace",
                    "sys_rawio",
                    "sys_resource",
                    "sys_time",
                    "sys_tty_config",
                    "syslog",
                    "wake_alarm");

    private final Pod pod;
    private final Container container;
    private final @Nullable SecurityContext own;
    private final @Nullable PodSecurityContext shared;

    SecurityRules(Pod pod, Container container) {
        this.pod = pod;
        this.container = container;
        this.own = container.getSecurityContext();
        this.shared = pod.getSpec().getSecurityContext();
    }

    /**
     * Numeric {@code uid} or {@code uid:gid}, or empty for root.
     *
     * @throws MissingObjectException if it must not be root and is
     */
    String user(Image image) throws MissingObjectException {
        Long user = own == null ? null : own.getRunAsUser();
        Long group = own == null ? null : own.getRunAsGroup();
        if (user == null && shared != null) {
            user = shared.getRunAsUser();
        }
        if (group == null && shared != null) {
            group = shared.getRunAsGroup();
        }
        String fromImage = image.user();
        if (runAsNonRoot()) {
            boolean imageRoot = fromImage.isEmpty() || fromImage.split(":", 2)[0].equals("0");
            String where =
                    "(pod: \""
                            + PodRules.fullName(pod)
                            + "\", container: "
                            + container.getName()
                            + ")";
            if (user != null && user == 0) {
                throw new MissingObjectException(
                        "container's runAsUser breaks non-root policy " + where);
            }
            if (user == null && !image.content().userName().isEmpty()) {
                throw new MissingObjectException(
                        "container has runAsNonRoot and image has non-numeric user ("
                                + image.content().userName()
                                + "), cannot verify user is non-root "
                                + where);
            }
            if (user == null && imageRoot) {
                throw new MissingObjectException(
                        "container has runAsNonRoot and image will run as root " + where);
            }
        }
        if (user == null) {
            String base = fromImage.isEmpty() ? "0" : fromImage.split(":", 2)[0];
            return group == null ? fromImage : base + ":" + group;
        }
        return group == null ? user + ":0" : user + ":" + group;
    }

    Confinement confinement(Image image, List<Path> cgroups, Path startError) {
        boolean privileged = own != null && isTrue(own.getPrivileged());
        boolean sysAdmin = capabilities().contains("sys_admin");
        boolean escalates = own == null || !Boolean.FALSE.equals(own.getAllowPrivilegeEscalation());
        return new Confinement(
                privileged,
                !escalates && !privileged && !sysAdmin,
                own != null && isTrue(own.getReadOnlyRootFilesystem()),
                !privileged && "RuntimeDefault".equals(seccompType()),
                own != null && "Unmasked".equals(own.getProcMount()),
                capabilities(),
                groups(image),
                cgroups,
                startError);
    }

    private List<String> capabilities() {
        Set<String> set = new LinkedHashSet<>(Confinement.DEFAULT_CAPABILITIES);
        Capabilities wish = own == null ? null : own.getCapabilities();
        if (wish != null) {
            List<String> add = names(wish.getAdd());
            List<String> drop = names(wish.getDrop());
            if (add.contains("all")) {
                set.addAll(ALL_CAPABILITIES);
            }
            if (drop.contains("all")) {
                set.clear();
            }
            drop.forEach(set::remove);
            add.stream().filter(ALL_CAPABILITIES::contains).forEach(set::add);
        }
        return List.copyOf(set);
    }

    private static List<String> names(@Nullable List<String> capabilities) {
        return capabilities == null
                ? List.of()
                : capabilities.stream()
                        .map(name -> name.toLowerCase(Locale.ROOT).replaceFirst("^cap_", ""))
                        .toList();
    }

    private List<Long> groups(Image image) {
        List<Long> groups = new ArrayList<>();
        boolean asImage =
                (own == null || own.getRunAsUser() == null)
                        && (shared == null || shared.getRunAsUser() == null);
        boolean merges = shared == null || !"Strict".equals(shared.getSupplementalGroupsPolicy());
        if (asImage && merges) {
            groups.addAll(image.content().groups());
        }
        if (shared != null) {
            groups.addAll(groups(shared));
        }
        return groups;
    }

    /** Those a pod asks for besides its containers' own. */
    static List<Long> groups(PodSecurityContext context) {
        List<Long> groups = new ArrayList<>(context.getSupplementalGroups());
        if (context.getFsGroup() != null) {
            groups.add(context.getFsGroup());
        }
        return groups;
    }

    private boolean runAsNonRoot() {
        Boolean mine = own == null ? null : own.getRunAsNonRoot();
        return mine != null ? mine : shared != null && isTrue(shared.getRunAsNonRoot());
    }

    private @Nullable String seccompType() {
        SeccompProfile mine = own == null ? null : own.getSeccompProfile();
        if (mine == null && shared != null) {
            mine = shared.getSeccompProfile();
        }
        return mine == null ? null : mine.getType();
    }

    private static boolean isTrue(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }
}
