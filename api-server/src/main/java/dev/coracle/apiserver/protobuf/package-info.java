/**
 * Kubernetes' protobuf encoding of request bodies ({@code application/vnd.kubernetes.protobuf}),
 * which typed Go clients send for every create and update.
 *
 * <p>Flow: {@link dev.coracle.apiserver.protobuf.ProtobufBody} takes the envelope apart -> {@code
 * MessageTypes} names the message -> {@code MessageTree} turns it into the JSON the same client
 * would have sent. Answers are always JSON.
 *
 * <p>Start at {@link dev.coracle.apiserver.protobuf.ProtobufBody}. Rule: no generated message
 * classes, only descriptors; what follows sees JSON alone.
 */
@NullMarked
package dev.coracle.apiserver.protobuf;

import org.jspecify.annotations.NullMarked;
