package dev.coracle.nodeagent.runtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Starts processes that cannot make the system calls which container runtimes refuse by default
 * (seccomp(2)). Those that only a container's own start needs stay allowed: without capabilities
 * the kernel refuses them anyway.
 */
@SuppressWarnings("restricted") // the foreign function API is what this class is for
final class CallFilter {

    private static final int PR_SET_SECCOMP = 22;
    private static final long MODE_FILTER = 2;
    private static final int ALLOW = 0x7fff0000;
    private static final int ERROR = 0x00050000;
    private static final int EPERM = 1;
    private static final int ENOSYS = 38;
    private static final int CLONE_NEWUSER = 0x10000000;
    private static final int ARCHITECTURE_OFFSET = 4;
    private static final int ARGUMENT_OFFSET = 16;

    private static final short LOAD = 0x20;
    private static final short JUMP_EQUAL = 0x15;
    private static final short JUMP_SET = 0x45;
    private static final short RETURN = 0x06;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle PRCTL =
            LINKER.downcallHandle(
                    LINKER.defaultLookup().findOrThrow("prctl"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_INT,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.ADDRESS),
                    Linker.Option.firstVariadicArg(1));

    private CallFilter() {}

    /** What differs between processors: numbers of system calls, by asm/unistd.h. */
    private record Machine(int audit, int clone3, int fork, int unshare, List<Integer> refused) {}

    private static final Map<String, Machine> MACHINES =
            Map.of(
                    "amd64",
                    new Machine(
                            0xc000003e,
                            435,
                            56,
                            272,
                            List.of(
                                    163, 248, 321, 305, 227, 176, 313, 174, 239, 173, 172, 312, 320,
                                    246, 250, 175, 237, 256, 279, 303, 304, 298, 178, 179, 169, 249,
                                    238, 170, 171, 164, 167, 168, 139, 156, 134, 323, 136, 425, 426,
                                    427)),
                    "aarch64",
                    new Machine(
                            0xc00000b7,
                            435,
                            220,
                            97,
                            List.of(
                                    89, 217, 280, 266, 112, 106, 273, 105, 236, 272, 294, 104, 219,
                                    235, 238, 239, 264, 265, 241, 60, 142, 218, 237, 161, 162, 170,
                                    224, 225, 282, 425, 426, 427)));

    /** Starts a process, with the filter if {@code filtered}. */
    static Process start(ProcessBuilder builder, boolean filtered) throws IOException {
        if (!filtered) {
            return builder.start();
        }
        CompletableFuture<Process> started = new CompletableFuture<>();
        // the filter stays with the thread; what it starts inherits it
        Thread _ =
                Thread.ofPlatform()
                        .daemon()
                        .name("filtered-start")
                        .start(() -> {
                            try {
                                install();
                                started.complete(builder.start());
                            } catch (Throwable e) {
                                started.completeExceptionally(e);
                            }
                        });
        try {
            return started.join();
        } catch (CompletionException e) {
            throw new IOException("cannot start with seccomp: " + e.getCause(), e);
        }
    }

    private static void install() throws Throwable {
        Machine machine = MACHINES.get(System.getProperty("os.arch"));
        if (machine == null) {
            throw new IOException(
                    "no filter for processors of type " + System.getProperty("os.arch"));
        }
        try (Arena arena = Arena.ofConfined()) {
            long[] program = program(machine);
            MemorySegment code = arena.allocateFrom(ValueLayout.JAVA_LONG, program);
            MemorySegment header = arena.allocate(16, 8);
            header.set(ValueLayout.JAVA_SHORT, 0, (short) program.length);
            header.set(ValueLayout.ADDRESS, 8, code);
            int result = (int) PRCTL.invokeExact(PR_SET_SECCOMP, MODE_FILTER, header);
            if (result != 0) {
                throw new IOException("the kernel takes no filter");
            }
        }
    }

    /** The filter as classic BPF. */
    private static long[] program(Machine machine) {
        int count = machine.refused().size();
        // the returns: allow, EPERM, ENOSYS
        int allow = 2 + 1 + 3 + count + 2;
        int refuse = allow + 1;
        int unknown = allow + 2;
        long[] code = new long[unknown + 1];
        int at = 0;
        code[at++] = instruction(LOAD, 0, 0, ARCHITECTURE_OFFSET);
        code[at] = instruction(JUMP_EQUAL, 0, refuse - at - 1, machine.audit());
        at++;
        code[at++] = instruction(LOAD, 0, 0, 0);
        code[at] = instruction(JUMP_EQUAL, unknown - at - 1, 0, machine.clone3());
        at++;
        int flags = 2 + 1 + 3 + count;
        code[at] = instruction(JUMP_EQUAL, flags - at - 1, 0, machine.fork());
        at++;
        code[at] = instruction(JUMP_EQUAL, flags - at - 1, 0, machine.unshare());
        at++;
        for (int i = 0; i < count; i++) {
            int otherwise = i == count - 1 ? allow - at - 1 : 0;
            code[at] =
                    instruction(JUMP_EQUAL, refuse - at - 1, otherwise, machine.refused().get(i));
            at++;
        }
        code[at++] = instruction(LOAD, 0, 0, ARGUMENT_OFFSET);
        code[at] = instruction(JUMP_SET, refuse - at - 1, allow - at - 1, CLONE_NEWUSER);
        at++;
        code[at++] = instruction(RETURN, 0, 0, ALLOW);
        code[at++] = instruction(RETURN, 0, 0, ERROR | EPERM);
        code[at] = instruction(RETURN, 0, 0, ERROR | ENOSYS);
        return code;
    }

    /** One instruction, as it lies in memory of little-endian machines. */
    private static long instruction(short code, int ifTrue, int ifFalse, int value) {
        return (code & 0xffffL)
                | ((long) ifTrue << 16)
                | ((long) ifFalse << 24)
                | ((long) value << 32);
    }
}
