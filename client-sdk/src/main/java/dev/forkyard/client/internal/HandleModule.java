package dev.forkyard.client.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.Deserializers;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.deser.std.UntypedObjectDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Writes and reads values that cross as handles. */
final class HandleModule extends SimpleModule {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("serial")
  private final HandleResolver resolver;

  HandleModule(HandleResolver resolver) {
    super("forkyard-handles");
    this.resolver = resolver;
    setSerializerModifier(new JdkObjects());
    addSerializer(HandleValue.class, new ValueWriter());
    addDeserializer(Object.class, new UntypedReader(resolver));
  }

  @Override
  public void setupModule(SetupContext context) {
    super.setupModule(context);
    context.addDeserializers(
        new Deserializers.Base() {
          @Override
          public @Nullable JsonDeserializer<?> findBeanDeserializer(
              JavaType type, DeserializationConfig config, BeanDescription description) {
            return HandleValue.class.isAssignableFrom(type.getRawClass())
                ? new ValueReader(resolver, type)
                : null;
          }
        });
  }

  private static final class ValueWriter extends JsonSerializer<HandleValue> {
    @Override
    public void serialize(HandleValue value, JsonGenerator out, SerializerProvider serializers)
        throws IOException {
      if (!(out instanceof PayloadGenerator payload)) {
        throw new IOException("a handle cannot be written inside an unwrapped property");
      }
      payload.writeHandle(value.handle());
    }
  }

  private static Object resolveHandle(
      HandleResolver resolver, Handle handle, JavaType type, DeserializationContext context)
      throws IOException {
    try {
      return resolver.resolve(handle, type.getRawClass(), type.containedTypeOrUnknown(0));
    } catch (IllegalArgumentException e) {
      return context.reportInputMismatch(type, "%s", String.valueOf(e.getMessage()));
    }
  }

  private static final class ValueReader extends StdDeserializer<Object> {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    private final HandleResolver resolver;

    private final JavaType type;

    ValueReader(HandleResolver resolver, JavaType type) {
      super(type);
      this.resolver = resolver;
      this.type = type;
    }

    @Override
    public Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (in.getEmbeddedObject() instanceof Handle handle) {
        return resolveHandle(resolver, handle, type, context);
      }
      return context.reportInputMismatch(type, "a handle is expected here");
    }
  }

  private static final class UntypedReader extends UntypedObjectDeserializer {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial")
    private final HandleResolver resolver;

    UntypedReader(HandleResolver resolver) {
      super(null, (JavaType) null);
      this.resolver = resolver;
    }

    @Override
    public @Nullable Object deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      Object value = super.deserialize(in, context);
      return value instanceof Handle handle
          ? resolveHandle(resolver, handle, context.constructType(Object.class), context)
          : value;
    }
  }
}
