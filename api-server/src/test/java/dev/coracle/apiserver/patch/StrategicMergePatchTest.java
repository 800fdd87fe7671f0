package dev.coracle.apiserver.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.coracle.apiserver.object.Json;
import dev.coracle.apiserver.schema.SchemaCatalog;
import dev.coracle.apiserver.status.ApiException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

class StrategicMergePatchTest {

    private static final SchemaCatalog CATALOG = SchemaCatalog.load();

    /** Single quotes stand for double ones. */
    private static ObjectNode json(String text) {
        return (ObjectNode) Json.MAPPER.readTree(text.replace('\'', '"'));
    }

    private static ObjectNode patched(String original, String patch) {
        return new StrategicMergePatch(CATALOG)
                .merge(json(original), json(patch), CATALOG.struct("io.k8s.api.core.v1.PodSpec"));
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                argumentSet(
                        "merges list items by their key",
                        "{'containers':[{'name':'a','image':'1'},{'name':'b','image':'1'}]}",
                        "{'containers':[{'name':'b','image':'2'}]}",
                        "{'containers':[{'name':'a','image':'1'},{'name':'b','image':'2'}]}"),
                argumentSet(
                        "appends an item with a new key",
                        "{'containers':[{'name':'a'}]}",
                        "{'containers':[{'name':'b'}]}",
                        "{'containers':[{'name':'a'},{'name':'b'}]}"),
                argumentSet(
                        "merges nested lists by their own key",
                        "{'containers':[{'name':'a','env':[{'name':'X','value':'1'},{'name':'Y','value':'1'}]}]}",
                        "{'containers':[{'name':'a','env':[{'name':'Y','value':'2'}]}]}",
                        "{'containers':[{'name':'a','env':[{'name':'X','value':'1'},{'name':'Y','value':'2'}]}]}"),
                argumentSet(
                        "deletes an item by directive",
                        "{'containers':[{'name':'a'},{'name':'b'}]}",
                        "{'containers':[{'$patch':'delete','name':'a'}]}",
                        "{'containers':[{'name':'b'}]}"),
                argumentSet(
                        "replaces a list by directive",
                        "{'containers':[{'name':'a'},{'name':'b'}]}",
                        "{'containers':[{'$patch':'replace'},{'name':'c'}]}",
                        "{'containers':[{'name':'c'}]}"),
                argumentSet(
                        "replaces a map by directive",
                        "{'nodeSelector':{'a':'1','b':'2'}}",
                        "{'nodeSelector':{'$patch':'replace','c':'3'}}",
                        "{'nodeSelector':{'c':'3'}}"),
                argumentSet(
                        "removes a member that is null",
                        "{'nodeSelector':{'a':'1'},'hostname':'h'}",
                        "{'hostname':null,'nodeSelector':{'a':null,'b':'2'}}",
                        "{'nodeSelector':{'b':'2'}}"),
                argumentSet(
                        "replaces a list that has no merge key",
                        "{'tolerations':[{'key':'a'}]}",
                        "{'tolerations':[{'key':'b'}]}",
                        "{'tolerations':[{'key':'b'}]}"),
                argumentSet(
                        "keeps only the retained keys of a volume",
                        "{'volumes':[{'name':'v','emptyDir':{}}]}",
                        "{'volumes':[{'name':'v','$retainKeys':['name','hostPath'],'hostPath':{'path':'/x'}}]}",
                        "{'volumes':[{'name':'v','hostPath':{'path':'/x'}}]}"),
                argumentSet(
                        "puts a list into the order asked for",
                        "{'containers':[{'name':'a'},{'name':'b'}]}",
                        "{'$setElementOrder/containers':[{'name':'c'},{'name':'b'},{'name':'a'}],'containers':[{'name':'c'}]}",
                        "{'containers':[{'name':'c'},{'name':'b'},{'name':'a'}]}"),
                argumentSet(
                        "leaves an item the order does not name beside its neighbour",
                        "{'containers':[{'name':'side'},{'name':'a'}]}",
                        "{'$setElementOrder/containers':[{'name':'a'}],'containers':[{'name':'a','image':'2'}]}",
                        "{'containers':[{'name':'side'},{'name':'a','image':'2'}]}"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void follows(String original, String patch, String expected) {
        assertThat(patched(original, patch)).isEqualTo(json(expected));
    }

    @Test
    void mergesAndDeletesScalarsOfASet() {
        ObjectNode patched =
                new StrategicMergePatch(CATALOG)
                        .merge(
                                json("{'finalizers':['a/a','b/b']}"),
                                json(
                                        "{'finalizers':['c/c'],'$deleteFromPrimitiveList/finalizers':['a/a']}"),
                                CATALOG.struct("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"));
        assertThat(Json.texts(patched.path("finalizers"))).containsExactlyInAnyOrder("b/b", "c/c");
    }

    @Test
    void leavesTheOriginalAlone() {
        ObjectNode original = json("{'containers':[{'name':'a','image':'1'}]}");
        ObjectNode copy = original.deepCopy();
        new StrategicMergePatch(CATALOG)
                .merge(
                        original,
                        json("{'containers':[{'name':'a','image':'2'}]}"),
                        CATALOG.struct("io.k8s.api.core.v1.PodSpec"));
        assertThat(original).isEqualTo(copy);
    }

    @Test
    void refusesAnItemWithoutItsMergeKey() {
        assertThatThrownBy(() -> patched("{}", "{'containers':[{'image':'2'}]}"))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("does not contain declared merge key: name");
    }
}
