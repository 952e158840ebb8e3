import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import java.util.Collection;
import java.util.Map;

/** Prints the fields that Keycloak reads in JSON of each class: {@code CLASS FIELD} a line. */
class KnownFields {
    public static void main(String[] classes) throws Exception {
        var mapper = new ObjectMapper();
        for (var name : classes) {
            var full = name.startsWith("org.") ? name : "org.keycloak.representations.idm." + name;
            var type = mapper.constructType(Class.forName(full));
            for (var property : mapper.getDeserializationConfig().introspect(type).findProperties())
                if (property.couldDeserialize() || isFilled(property)) System.out.println(name + " " + property.getName());
        }
    }

    /** A list or map without a setter is taken from its getter, and filled. */
    static boolean isFilled(BeanPropertyDefinition property) {
        var type = property.getRawPrimaryType();
        return property.hasGetter()
            && (Collection.class.isAssignableFrom(type) || Map.class.isAssignableFrom(type));
    }
}
