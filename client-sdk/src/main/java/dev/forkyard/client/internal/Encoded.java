package dev.forkyard.client.internal;

import java.util.List;

/**
 * An encoded value.
 *
 * @param json the JSON text
 * @param handles every handle inside it
 */
public record Encoded(String json, List<Handle> handles) {}
