package dev.coracle.controllers.scheduling;

/** What can make a pod fit that did not. */
enum Happening {
    /** A node came or changed. */
    NODE_CHANGED,
    /** A pod left its node, or its labels changed. */
    POD_LEFT,
    /** A pod came to a node, or its labels changed. */
    POD_ARRIVED,
    /** A claim or a volume changed. */
    CLAIM_CHANGED
}
