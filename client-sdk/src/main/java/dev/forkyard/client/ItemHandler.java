package dev.forkyard.client;

/**
 * What {@link RemoteQueue#forEach} does with each item.
 *
 * @param <T> type of the items
 */
@FunctionalInterface
public interface ItemHandler<T> {
  /**
   * Works on an item, which is done when this returns.
   *
   * @param item the item
   * @throws Exception if the item could not be worked on; it goes back then
   */
  void handle(T item) throws Exception;
}
