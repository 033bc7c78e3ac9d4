import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.MMapDirectory;

/**
 * Lucene for the search benchmark: indexes a file of passages, or answers questions line by line and times them itself.
 *
 * <pre>
 * Search index ROWS FOLDER    a line of ROWS: value for filters, text, terms with blanks between; tabs between the three
 * Search search FOLDER        a line in: "find", kind, value to filter by or nothing, k, terms; or "text", passages
 *                             a line out: nanoseconds, then passage:score, or texts; tabs between all of them
 * </pre>
 *
 * In texts \t, \n, \r and \\ stand for tab, line feed, carriage return and backslash.
 */
public final class Search {
    private static final String BODY = "body";
    private static final String GROUP = "group";
    private static final String TEXT = "text";

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("index")) {
            index(Path.of(arguments[1]), Path.of(arguments[2]));
        } else {
            answer(Path.of(arguments[1]));
        }
    }

    private static void index(Path rows, Path folder) throws IOException {
        IndexWriterConfig config = new IndexWriterConfig();
        config.setSimilarity(new BM25Similarity(1.2f, 0.75f));
        config.setMergePolicy(new LogDocMergePolicy());
        config.setRAMBufferSizeMB(512);
        FieldType words = new FieldType();
        words.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
        words.freeze();
        try (IndexWriter writer = new IndexWriter(new MMapDirectory(folder), config);
                BufferedReader lines = Files.newBufferedReader(rows, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split("\t", -1);
                Document document = new Document();
                document.add(new StringField(GROUP, parts[0], Field.Store.NO));
                document.add(new StoredField(TEXT, unescaped(parts[1])));
                document.add(new Field(BODY, new Words(parts[2]), words));
                writer.addDocument(document);
            }
            writer.forceMerge(1);
        }
    }

    private static void answer(Path folder) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        try (DirectoryReader reader = DirectoryReader.open(new MMapDirectory(folder))) {
            IndexSearcher searcher = new IndexSearcher(reader);
            searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
            searcher.setQueryCache(null);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] parts = line.split("\t", -1);
                out.println(parts[0].equals("find") ? found(searcher, parts) : texts(reader, parts));
                out.flush();
            }
        }
    }

    private static String found(IndexSearcher searcher, String[] parts) throws IOException {
        long begun = System.nanoTime();
        Query query = query(parts[1], parts);
        if (!parts[2].isEmpty()) {
            Query group = new TermQuery(new Term(GROUP, parts[2]));
            query = new BooleanQuery.Builder().add(query, Occur.MUST).add(group, Occur.FILTER).build();
        }
        int k = Integer.parseInt(parts[3]);
        ScoreDoc[] hits = searcher.search(query, new TopScoreDocCollectorManager(k, null, 1)).scoreDocs;
        StringBuilder answer = new StringBuilder(Long.toString(System.nanoTime() - begun));
        for (ScoreDoc hit : hits) {
            answer.append('\t').append(hit.doc).append(':').append(hit.score);
        }
        return answer.toString();
    }

    private static Query query(String kind, String[] parts) {
        if (kind.equals("phrase")) {
            PhraseQuery.Builder phrase = new PhraseQuery.Builder();
            for (int i = 4; i < parts.length; i++) {
                phrase.add(new Term(BODY, parts[i]));
            }
            return phrase.build();
        }
        if (parts.length == 5) {
            return new TermQuery(new Term(BODY, parts[4]));
        }
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        for (int i = 4; i < parts.length; i++) {
            all.add(new TermQuery(new Term(BODY, parts[i])), kind.equals("and") ? Occur.MUST : Occur.SHOULD);
        }
        return all.build();
    }

    private static String texts(DirectoryReader reader, String[] parts) throws IOException {
        long begun = System.nanoTime();
        StoredFields stored = reader.storedFields();
        String[] texts = new String[parts.length - 1];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = stored.document(Integer.parseInt(parts[i + 1])).get(TEXT);
        }
        StringBuilder answer = new StringBuilder(Long.toString(System.nanoTime() - begun));
        for (String text : texts) {
            answer.append('\t').append(escaped(text));
        }
        return answer.toString();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char sign = text.charAt(i);
            if (sign == '\\') {
                sign = text.charAt(++i);
                sign = sign == 't' ? '\t' : sign == 'n' ? '\n' : sign == 'r' ? '\r' : sign;
            }
            plain.append(sign);
        }
        return plain.toString();
    }

    /** Terms with blanks between them, as they are. */
    private static final class Words extends TokenStream {
        private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
        private final String[] words;
        private int next;

        Words(String line) {
            words = line.isEmpty() ? new String[0] : line.split(" ");
        }

        @Override
        public boolean incrementToken() {
            if (next == words.length) {
                return false;
            }
            clearAttributes();
            term.append(words[next++]);
            return true;
        }
    }
}
