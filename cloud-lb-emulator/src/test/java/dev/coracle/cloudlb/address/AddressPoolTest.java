package dev.coracle.cloudlb.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AddressPoolTest {

    private final AddressPool pool = new AddressPool("10.88.0.0/29");

    @Test
    void givesTheLowestFreeAddressAndKeepsItForItsHolder() {
        assertThat(pool.allocate("a", "")).contains("10.88.0.1");
        assertThat(pool.allocate("b", "")).contains("10.88.0.2");
        assertThat(pool.allocate("a", "")).contains("10.88.0.1");
    }

    @Test
    void givesTheAddressAskedForIfItIsFree() {
        assertThat(pool.allocate("a", "10.88.0.5")).contains("10.88.0.5");
        assertThat(pool.allocate("b", "10.88.0.5")).isEmpty();
        assertThat(pool.allocate("b", "10.88.0.7")).as("the last address of the network").isEmpty();
        assertThat(pool.allocate("b", "192.0.2.1")).isEmpty();
        assertThat(pool.allocate("b", "no address")).isEmpty();
    }

    @Test
    void movesAHolderThatAsksForAnotherAddress() {
        pool.allocate("a", "");
        assertThat(pool.allocate("a", "10.88.0.3")).contains("10.88.0.3");
        assertThat(pool.allocate("b", "")).contains("10.88.0.1");
    }

    @Test
    void saysWhenNothingIsLeft() {
        for (int i = 0; i < 6; i++) {
            assertThat(pool.allocate("holder-" + i, "")).isPresent();
        }
        assertThat(pool.allocate("late", "")).isEmpty();
        pool.release("holder-3");
        assertThat(pool.allocate("late", "")).contains("10.88.0.4");
    }

    @Test
    void refusesWhatIsNoNetwork() {
        assertThatThrownBy(() -> new AddressPool("10.88.0.0")).hasMessageContaining("10.88.0.0");
        assertThatThrownBy(() -> new AddressPool("10.88.0.0/31"))
                .hasMessageContaining("between 1 and 30");
    }
}
