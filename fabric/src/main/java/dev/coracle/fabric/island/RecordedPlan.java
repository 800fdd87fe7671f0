package dev.coracle.fabric.island;

import dev.coracle.fabric.AddressPlan;
import dev.coracle.fabric.Cidr;
import java.util.Optional;

/** Reads {@link FabricPlan#fingerprint()} back. */
final class RecordedPlan {

    private RecordedPlan() {}

    static Optional<FabricPlan> parse(String fingerprint) {
        String[] parts = fingerprint.split(" ", -1);
        if (parts.length != 5) {
            return Optional.empty();
        }
        return Optional.of(
                new FabricPlan(
                        parts[0],
                        new AddressPlan(
                                Cidr.of(parts[1]),
                                Cidr.of(parts[2]),
                                Cidr.of(parts[3]),
                                Cidr.of(parts[4]))));
    }
}
