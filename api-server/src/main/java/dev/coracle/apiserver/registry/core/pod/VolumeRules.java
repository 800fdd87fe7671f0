package dev.coracle.apiserver.registry.core.pod;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.registry.validation.Check;
import dev.coracle.apiserver.registry.validation.Names;
import dev.coracle.apiserver.status.FieldError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** A pod's volumes. */
final class VolumeRules {

    private static final int MAX_MODE = 0777;

    private VolumeRules() {}

    /** Checks the volumes; answers their names. */
    static Set<String> check(Check spec) {
        Set<String> names = new HashSet<>();
        spec.each(
                "volumes",
                volume -> {
                    volume.required("name").shaped("name", Names::label).unique("name", names);
                    source(volume);
                });
        return names;
    }

    private static void source(Check volume) {
        List<String> sources = new ArrayList<>(volume.node().propertyNames());
        sources.remove("name");
        for (String more : sources.stream().skip(1).toList()) {
            volume.forbidden(more, "may not specify more than 1 volume type");
        }
        volume.ifPresent(
                "hostPath",
                path -> {
                    path.required("path");
                    withoutBackSteps(path, "path");
                    path.supported(
                            "type",
                            "BlockDevice",
                            "CharDevice",
                            "Directory",
                            "DirectoryOrCreate",
                            "File",
                            "FileOrCreate",
                            "Socket");
                });
        volume.ifPresent("emptyDir", dir -> dir.quantity("sizeLimit", BigDecimal.ZERO));
        volume.ifPresent(
                "secret",
                secret -> {
                    secret.required("secretName");
                    files(secret);
                });
        volume.ifPresent(
                "configMap",
                map -> {
                    map.required("name");
                    files(map);
                });
        volume.ifPresent("downwardAPI", VolumeRules::downward);
        volume.ifPresent("persistentVolumeClaim", claim -> claim.required("claimName"));
        volume.ifPresent("nfs", nfs -> nfs.required("server").required("path"));
        volume.ifPresent("csi", csi -> csi.required("driver"));
        volume.ifPresent(
                "projected",
                projected -> {
                    mode(projected, "defaultMode");
                    projected.each(
                            "sources",
                            source -> {
                                source.ifPresent(
                                        "secret", secret -> files(secret.required("name")));
                                source.ifPresent("configMap", map -> files(map.required("name")));
                                source.ifPresent("downwardAPI", VolumeRules::downward);
                                source.ifPresent(
                                        "serviceAccountToken",
                                        token -> {
                                            token.required("path");
                                            if (token.node().path("expirationSeconds").asLong(600)
                                                    < 600) {
                                                token.invalid(
                                                        "expirationSeconds",
                                                        "may not specify a duration less than 10"
                                                                + " minutes");
                                            }
                                        });
                            });
                });
    }

    private static void files(Check source) {
        mode(source, "defaultMode");
        source.each(
                "items",
                item -> {
                    item.required("path");
                    mode(item, "mode");
                    if (item.text("path").startsWith("/")) {
                        item.invalid("path", "must be a relative path");
                    }
                    withoutBackSteps(item, "path");
                });
    }

    private static void downward(Check source) {
        files(source);
        source.each(
                "items",
                item -> {
                    boolean field = item.node().path("fieldRef").isObject();
                    boolean resource = item.node().path("resourceFieldRef").isObject();
                    if (field == resource) {
                        item.add(
                                field
                                        ? FieldError.invalid(
                                                item.path(),
                                                "resource",
                                                "fieldRef and resourceFieldRef can not be specified"
                                                        + " simultaneously")
                                        : FieldError.required(
                                                item.path(),
                                                "one of fieldRef and resourceFieldRef is"
                                                        + " required"));
                    }
                    item.ifPresent("fieldRef", ref -> FieldRefRules.field(ref, FieldRefRules.FILE));
                    item.ifPresent("resourceFieldRef", ref -> FieldRefRules.resource(ref, true));
                });
    }

    private static void mode(Check source, String member) {
        JsonNode mode = source.node().path(member);
        if (mode.isNumber() && (mode.asInt() < 0 || mode.asInt() > MAX_MODE)) {
            source.invalid(member, "must be a number between 0 and 0777 (octal), both inclusive");
        }
    }

    /** A path with {@code ..} could leave its volume. */
    static void withoutBackSteps(Check place, String member) {
        if (Arrays.asList(Json.text(place.node(), member).split("/", -1)).contains("..")) {
            place.invalid(member, "must not contain '..'");
        }
    }
}
