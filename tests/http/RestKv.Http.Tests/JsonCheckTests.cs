using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RestKv.Api.Contracts;
using RestKv.Api.Http;
using RestKv.Testing;

namespace RestKv.Http.Tests;

/// <summary>What passes the check can be deserialized, and what can be read as JSON at all gets a code that fits.</summary>
public sealed class JsonCheckTests
{
    private static readonly string[] Seeds =
    [
        """{"if":[{"key":"a","modRev":{"gt":41}},{"prefix":"b","exists":false}],"then":[{"put":{"key":"a","value":"\ud83d\ude00","ttl":"30s"}}]}""",
        """{"then":[{"get":{"start":"a","end":"b","limit":5,"rev":7,"order":"desc"}},{"txn":{"else":[{"delete":{"key":"x","prev":true}}]}}]}""",
        """{"then":[{"put":{"keyBase64":"AA==","json":{"any":[1,null,{"x":"\u0041"}]},"lease":"1f"}}]}""",
    ];

    /// <summary>Spliced into the seeds: whole names, which single letters seldom make.</summary>
    private static readonly string[] Names =
        ["\\ud800", "\\udc00", "\\ud83d\\ude00", "k\\u0065y", "key", "", "\\u0000", "a~b/c", "\\ud800\\ud800"];

    [Fact]
    public void What_passes_can_be_deserialized_and_nothing_ever_throws() => SeededRandom.Run(20, random =>
    {
        const string Letters = "{}[]\",:0123456789.eE+-truefalsnu\\d8kmx \u00e9";
        var passed = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var text = new StringBuilder(Seeds[random.Next(0, Seeds.Length)]);
            for (var change = random.Next(0, 4); change > 0; change--)
            {
                var at = random.Next(0, text.Length);
                if (random.Next(0, 8) == 0 && text.ToString().IndexOf("{\"", StringComparison.Ordinal) is >= 0 and var brace)
                {
                    var open = text.ToString().IndexOf("{\"", random.Next(0, brace + 1), StringComparison.Ordinal);
                    text.Insert(open + 1, $"\"{Names[random.Next(0, Names.Length)]}\":1,");
                }
                else if (random.Next(0, 2) == 0)
                {
                    text[at] = Letters[random.Next(0, Letters.Length)];
                }
                else
                {
                    text.Remove(at, Math.Min(random.Next(1, 6), text.Length - at));
                }
            }

            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            if (Check(bytes) is null)
            {
                passed++;
                Assert.NotNull(JsonSerializer.Deserialize(bytes, RestKvJsonContext.Default.TxnRequest));
            }
        }

        Assert.InRange(passed, 1000, 19_000);
    });

    [Theory]
    [InlineData("""{"then":[{"put":{"key":5}}]}""", "invalid-type", "/then/0/put/key")]
    [InlineData("""{"then":[{"put":{"key":"a","keepLease":"yes"}}]}""", "invalid-type", "/then/0/put/keepLease")]
    [InlineData("""{"then":[{},{"pot":{}}]}""", "unknown-field", "/then/1/pot")]
    [InlineData("""{"if":[{"key":"a","a~b/c":1}]}""", "invalid-compare", "/if/0/a~0b~1c")]
    [InlineData("""{"then":[],"else":[],"then":[]}""", "duplicate-field", "/then")]
    [InlineData("""{"then":null}""", "invalid-type", "/then")]
    [InlineData("""{"then":[{"get":{"key":"a","rev":"5"}}]}""", "bad-revision", "/then/0/get/rev")]
    [InlineData("""{"then":[{"put":{"key":"a","ttl":null}}]}""", "invalid-type", "/then/0/put/ttl")]
    [InlineData("""{"then":[{"put":{"key":"a","json":{"x":null,"x":1}}}]}""", null, null)]
    [InlineData("""{"if":[{"key":"a","value":{"eq":"x"}}]}""", null, null)]
    [InlineData("""{"\ud800":1}""", "invalid-utf8", "")]
    [InlineData("""{"then":[{"get":{"key":"a"}},{"put":{"key":"a","\udc00":1}}]}""", "invalid-utf8", "/then/1/put")]
    [InlineData("""{"then":[{"put":{"key":"a","json":{"\ud800x":1}}}]}""", "invalid-utf8", "/then/0/put/json")]
    public void Faults_have_a_code_and_a_place(string body, string? code, string? at)
    {
        var problem = Check(Encoding.UTF8.GetBytes(body));

        Assert.Equal(code, problem?.Type.Code);
        Assert.Equal(at, problem?.At);
    }

    [Fact]
    public void Depth_is_judged_exactly_and_above_all_else()
    {
        static byte[] Nest(int depth) => Encoding.UTF8.GetBytes(
            "{\"then\":[{\"put\":{\"key\":\"a\",\"json\":" + new string('[', depth) + new string(']', depth) + "}}]}");

        Assert.Null(Check(Nest(32 - 4)));
        Assert.Equal("json-too-deep", Check(Nest(32 - 3))!.Type.Code);
        Assert.Equal("json-too-deep", Check(Encoding.UTF8.GetBytes("{\"wrong\":1,\"then\":" + new string('[', 40)))!.Type.Code);
        Assert.Equal("invalid-json", Check(Encoding.UTF8.GetBytes("{\"wrong\":1,"))!.Type.Code);
    }

    [Theory]
    [InlineData("plain", false)]
    [InlineData("\\ud83d\\ude00", false)]
    [InlineData("\\\\ud800", false)]
    [InlineData("\\u0041\\n\\\"", false)]
    [InlineData("\\ud800", true)]
    [InlineData("\\udc00", true)]
    [InlineData("\\ud800\\u0041", true)]
    [InlineData("\\ud800x", true)]
    [InlineData("a\\ud83d\\ude00\\ude00", true)]
    public void Lone_surrogates_are_found(string raw, bool isLone) =>
        Assert.Equal(isLone, SurrogateEscapes.HaveLoneOne(Encoding.UTF8.GetBytes(raw)));

    private static Api.Errors.Problem? Check(byte[] body) =>
        JsonCheck.Find(body, JsonShape.Of((JsonTypeInfo)RestKvJsonContext.Default.TxnRequest));
}
