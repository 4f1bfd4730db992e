package dev.forkyard.client.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import com.fasterxml.jackson.databind.ser.std.BeanSerializerBase;
import java.io.IOException;

/**
 * Refuses objects of the JDK that are no values, such as threads, futures and lambdas. Without this
 * the getters that they happen to have would be sent.
 */
final class JdkObjects extends BeanSerializerModifier {
  private static final long serialVersionUID = 1;

  @Override
  public JsonSerializer<?> modifySerializer(
      SerializationConfig config, BeanDescription description, JsonSerializer<?> serializer) {
    Class<?> type = description.getBeanClass();
    return serializer instanceof BeanSerializerBase && isNoValue(type)
        ? new Refusal(type)
        : serializer;
  }

  private static boolean isNoValue(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    boolean fromJdk = loader == null || loader == ClassLoader.getPlatformClassLoader();
    return type.isHidden()
        || (fromJdk && !Throwable.class.isAssignableFrom(type))
        || Thread.class.isAssignableFrom(type)
        || ClassLoader.class.isAssignableFrom(type);
  }

  private static final class Refusal extends JsonSerializer<Object> {
    private final Class<?> type;

    Refusal(Class<?> type) {
      this.type = type;
    }

    @Override
    public void serialize(Object value, JsonGenerator out, SerializerProvider serializers)
        throws IOException {
      serializers.reportBadDefinition(type, type.getName() + " is no value that can be sent");
    }
  }
}
