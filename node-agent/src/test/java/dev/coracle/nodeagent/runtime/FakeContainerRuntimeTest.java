package dev.coracle.nodeagent.runtime;

import java.nio.file.Path;

class FakeContainerRuntimeTest extends ContainerRuntimeConformance {

    private final FakeContainerRuntime runtime = new FakeContainerRuntime();

    @Override
    ContainerRuntime runtime() {
        return runtime;
    }

    @Override
    Path networkNamespace() {
        return Path.of("/proc/self/ns/net");
    }
}
