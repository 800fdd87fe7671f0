package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.status.FieldError;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The security contexts of a pod and of its containers. */
final class SecurityRules {

    private static final int MAX_SYSCTL = 253;
    private static final String SYSCTL_FORM =
            "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    private static final Pattern SYSCTL = Pattern.compile(SYSCTL_FORM);

    /** The sysctls that are the host's when the pod has its namespace. */
    private record Hosted(String member, List<String> sysctls) {}

    private static final List<Hosted> HOSTED =
            List.of(
                    new Hosted("hostNetwork", List.of("net.")),
                    new Hosted(
                            "hostIPC",
                            List.of("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")));

    private SecurityRules() {}

    static void pod(Check spec) {
        Check context = spec.in("securityContext");
        identity(context, "runAsUser", "runAsGroup", "fsGroup");
        context.each(
                        "supplementalGroups",
                        group -> {
                            long id = group.node().asLong(0);
                            if (id < 0 || id > Integer.MAX_VALUE) {
                                group.invalid("must be between 0 and 2147483647, inclusive");
                            }
                        })
                .supported("fsGroupChangePolicy", "Always", "OnRootMismatch")
                .supported("supplementalGroupsPolicy", "Merge", "Strict")
                .supported("seLinuxChangePolicy", "MountOption", "Recursive");
        Set<String> names = new HashSet<>();
        context.each("sysctls", sysctl -> sysctl(spec.node(), sysctl, names));
        profiles(context);
        if (spec.node().path("shareProcessNamespace").asBoolean(false)
                && spec.node().path("hostPID").asBoolean(false)) {
            spec.invalid(
                    "shareProcessNamespace",
                    "ShareProcessNamespace and HostPID cannot both be enabled");
        }
    }

    static void container(Check container, boolean ownUsers) {
        container.ifPresent(
                "securityContext",
                context -> {
                    identity(context, "runAsUser", "runAsGroup");
                    context.supported("procMount", "Default", "Unmasked");
                    if (context.text("procMount").equals("Unmasked") && !ownUsers) {
                        context.invalid("procMount", "`hostUsers` must be false to use `Unmasked`");
                    }
                    profiles(context);
                    escalation(context);
                });
    }

    private static void identity(Check context, String... members) {
        for (String member : members) {
            context.between(member, 0, Integer.MAX_VALUE);
        }
    }

    private static void escalation(Check context) {
        JsonNode allowed = context.node().path("allowPrivilegeEscalation");
        if (!allowed.isBoolean() || allowed.asBoolean()) {
            return;
        }
        String begin = "cannot set `allowPrivilegeEscalation` to false and ";
        if (context.node().path("privileged").asBoolean(false)) {
            context.add(FieldError.invalid(context.path(), "", begin + "`privileged` to true"));
        }
        if (Json.texts(context.node().at("/capabilities/add")).contains("CAP_SYS_ADMIN")) {
            context.add(
                    FieldError.invalid(
                            context.path(), "", begin + "`capabilities.Add` CAP_SYS_ADMIN"));
        }
    }

    private static void profiles(Check context) {
        context.ifPresent("seccompProfile", profile -> profile(profile, "seccomp"));
        context.ifPresent("appArmorProfile", profile -> profile(profile, "AppArmor"));
    }

    private static void profile(Check profile, String what) {
        boolean seccomp = what.equals("seccomp");
        profile.required(
                        "type",
                        "type is required when "
                                + (seccomp ? "seccompProfile" : "appArmorProfile")
                                + " is set")
                .supported("type", "Localhost", "RuntimeDefault", "Unconfined");
        boolean local = profile.text("type").equals("Localhost");
        if (local) {
            profile.required("localhostProfile", "must be set when " + what + " type is Localhost");
        } else if (profile.has("localhostProfile")) {
            profile.invalid(
                    "localhostProfile", "can only be set when " + what + " type is Localhost");
        }
        if (local && seccomp) {
            if (profile.text("localhostProfile").startsWith("/")) {
                profile.invalid("localhostProfile", "must be a relative path");
            }
            VolumeRules.withoutBackSteps(profile, "localhostProfile");
        }
    }

    private static void sysctl(JsonNode spec, Check sysctl, Set<String> names) {
        String name = sysctl.text("name");
        sysctl.required("name");
        if (name.isEmpty()) {
            return;
        }
        if (name.length() > MAX_SYSCTL || !SYSCTL.matcher(name).matches()) {
            sysctl.invalid(
                    "name",
                    "must have at most "
                            + MAX_SYSCTL
                            + " characters and match regex ^"
                            + SYSCTL_FORM
                            + "$");
            return;
        }
        String dotted = dotted(name);
        if (!names.add(dotted)) {
            sysctl.duplicate("name");
        }
        for (Hosted hosted : HOSTED) {
            if (spec.path(hosted.member()).asBoolean(false)
                    && hosted.sysctls().stream().anyMatch(dotted::startsWith)) {
                sysctl.invalid(
                        "name", "may not be specified when '" + hosted.member() + "' is true");
            }
        }
    }

    /** {@code net/ipv4/x} is {@code net.ipv4.x}; the first separator says which is meant. */
    private static String dotted(String name) {
        int slash = name.indexOf('/');
        int dot = name.indexOf('.');
        return slash >= 0 && (dot < 0 || slash < dot)
                ? name.replace('.', '\0').replace('/', '.').replace('\0', '/')
                : name;
    }
}
