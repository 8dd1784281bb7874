import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.transform.Source;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.xml.sax.SAXException;

/**
 * Compiles schemas together, as strictly as Java's Xerces can, then validates documents: schemas, "--", documents.
 * Prints the first error and ends with INVALID.
 */
public class CompileSchemas {
    static final int INVALID = 3;

    public static void main(String[] arguments) throws Exception {
        List<String> files = Arrays.asList(arguments);
        int end = files.indexOf("--");
        List<Source> sources = new ArrayList<>();
        for (String file : files.subList(0, end)) {
            sources.add(new StreamSource(new File(file)));
        }
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setFeature("http://apache.org/xml/features/validation/schema-full-checking", true);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        try {
            Schema schema = factory.newSchema(sources.toArray(new Source[0]));
            for (String file : files.subList(end + 1, files.size())) {
                schema.newValidator().validate(new StreamSource(new File(file)));
            }
        } catch (SAXException error) {
            System.out.println(error.getMessage());
            System.exit(INVALID);
        }
    }
}
