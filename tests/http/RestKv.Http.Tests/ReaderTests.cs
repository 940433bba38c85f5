using System.Text;
using RestKv.Api.Http;
using RestKv.Api.Security;
using RestKv.Testing;

namespace RestKv.Http.Tests;

/// <summary>The small strict readers by themselves, against the simplest possible twins.</summary>
public sealed class ReaderTests
{
    [Theory]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("500ms", 500)]
    [InlineData("1s500ms", 1_500)]
    [InlineData("10", 10_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void Durations_are_understood(string text, long milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var parsed));
        Assert.Equal(milliseconds, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1 s")]
    [InlineData("30m1h")]
    [InlineData("1h1h")]
    [InlineData("1h30")]
    [InlineData("1x")]
    [InlineData("1S")]
    [InlineData("12345678901")]
    [InlineData("\u0661s")]
    public void Other_durations_are_not(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Fact]
    public void Durations_out_are_durations_in()
    {
        foreach (var seconds in (long[])[0, 1, 59, 60, 61, 3599, 3600, 3661, 86_400, 31_536_000])
        {
            Assert.True(DurationText.TryParse(Text.Duration(seconds), out var milliseconds));
            Assert.Equal(seconds * 1000, milliseconds);
        }
    }

    [Fact]
    public void Base64_has_one_spelling_for_each_value() => SeededRandom.Run(1, random =>
    {
        for (var round = 0; round < 2000; round++)
        {
            var bytes = Bytes(random, 12);
            var standard = Convert.ToBase64String(bytes);
            var url = standard.TrimEnd('=').Replace('+', '-').Replace('/', '_');

            Assert.True(StrictBase64.TryDecodeStandard(standard, out var one) && one.AsSpan().SequenceEqual(bytes));
            Assert.True(StrictBase64.TryDecodeUrl(url, out var two) && two.AsSpan().SequenceEqual(bytes));

            var garbled = Garble(random, standard);
            if (StrictBase64.TryDecodeStandard(garbled, out var three))
            {
                Assert.Equal(garbled, Convert.ToBase64String(three));
            }

            if (StrictBase64.TryDecodeUrl(garbled, out var four))
            {
                Assert.Equal(garbled, Convert.ToBase64String(four).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
            }
        }
    });

    [Theory]
    [InlineData("\"42\"", 42)]
    [InlineData("\"42;j\"", 42)]
    [InlineData("\"0\"", 0)]
    public void Tags_are_numbers(string text, long revision)
    {
        Assert.True(EntityTag.TryParse(text, out var parsed));
        Assert.Equal(revision, parsed);
    }

    [Theory]
    [InlineData("42")]
    [InlineData("\"\"")]
    [InlineData("\"042\"")]
    [InlineData("\"-1\"")]
    [InlineData("\"42;x\"")]
    [InlineData("W/\"42\"")]
    [InlineData("\"9007199254740992\"")]
    [InlineData("\"")]
    public void Other_tags_are_not(string text) => Assert.False(EntityTag.TryParse(text, out _));

    [Theory]
    [InlineData(null, "application/json", true, false)]
    [InlineData("*/*", "application/json", true, false)]
    [InlineData("application/*", "application/json", true, false)]
    [InlineData("application/json", "application/json", true, true)]
    [InlineData("APPLICATION/JSON; q=0.5", "application/json", true, true)]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "application/json", true, false)]
    [InlineData("application/json, text/plain, */*", "application/json", true, true)]
    [InlineData("text/plain, application/json", "application/json", true, false)]
    [InlineData("application/json;q=0.1, text/plain", "application/json", true, false)]
    [InlineData("application/json;q=0.9, */*;q=0.8", "application/json", true, true)]
    [InlineData("text/plain;q=0.2, application/json;q=0.3", "application/json", true, true)]
    [InlineData("*/*, application/json;q=0", "application/json", false, false)]
    [InlineData("application/xml", "application/json", false, false)]
    [InlineData("", "application/json", false, false)]
    [InlineData("application/json;q=nonsense", "application/json", false, false)]
    public void Accept_is_read_as_far_as_it_matters(string? accept, string type, bool accepts, bool prefers)
    {
        Assert.Equal(accepts, AcceptHeader.Accepts(accept, type));
        Assert.Equal(prefers, AcceptHeader.Prefers(accept, type));
    }

    [Theory]
    [InlineData("\"put\"", "Put")]
    [InlineData("\"put,delete\"", "All")]
    [InlineData("[\"delete\"]", "Delete")]
    [InlineData("[\"delete\",\"put\"]", "All")]
    public void Kinds_of_change_are_words_or_a_list_of_them(string types, string expected)
    {
        using var document = System.Text.Json.JsonDocument.Parse($"{{\"prefix\":\"a\",\"types\":{types}}}");
        var body = new RestKv.Api.Contracts.WatchBody
        {
            Prefix = document.RootElement.GetProperty("prefix"),
            Types = document.RootElement.GetProperty("types"),
        };

        Assert.Equal(expected, RestKv.Api.Endpoints.WatchBodyMapper.TryMap(body, out _)!.Types.ToString());
    }

    [Fact]
    public void Cursors_come_back_whole_or_not_at_all() => SeededRandom.Run(2, random =>
    {
        for (var round = 0; round < 500; round++)
        {
            var cursor = new ListCursor(random.Next(1, 1000), 7, 9, random.Next(0, 2) == 0, [1, .. Bytes(random, 40)]);
            var text = cursor.Encode();

            var back = ListCursor.TryDecode(text);

            Assert.NotNull(back);
            Assert.Equal(cursor.Last, back.Last);
            Assert.Equal(cursor with { Last = [] }, back with { Last = [] } with { Last = cursor.Last } with { Last = [] });
            var garbled = Garble(random, text);
            Assert.True(garbled == text || ListCursor.TryDecode(garbled) is null, garbled);
        }
    });

    [Fact]
    public void Any_utf8_key_survives_any_escaping() => SeededRandom.Run(3, random =>
    {
        for (var round = 0; round < 3000; round++)
        {
            var key = Encoding.UTF8.GetBytes(RandomText(random));
            var target = KeyTarget.Parse("/v1/kv/" + Escape(random, key) + "?prev=1");

            if (target.Problem is null)
            {
                Assert.Equal(KeyRoute.Kv, target.Route);
                Assert.Equal(key, target.Key);
                Assert.Equal("prev=1", target.Query.ToString());
            }
            else
            {
                Assert.True(key.Length == 0 || target.Problem.Type.Code == "key-dot-segment", target.Problem.Detail);
            }
        }
    });

    [Theory]
    [InlineData("/v1/kv", KeyRoute.None)]
    [InlineData("/v1/kv?prefix=a", KeyRoute.None)]
    [InlineData("/v1/kvx/a", KeyRoute.None)]
    [InlineData("/v1/KV/a", KeyRoute.None)]
    [InlineData("/v2/kv/a", KeyRoute.None)]
    [InlineData("//v1/kv/a", KeyRoute.None)]
    [InlineData("*", KeyRoute.None)]
    [InlineData("", KeyRoute.None)]
    [InlineData("http://host", KeyRoute.None)]
    [InlineData("http://host/v1/kv/a", KeyRoute.Kv)]
    [InlineData("/v1/kv/a?x=/../y", KeyRoute.Kv)]
    [InlineData("/v1/history/a", KeyRoute.History)]
    [InlineData("/v1/history64/YQ", KeyRoute.History64)]
    [InlineData("/v1/kv64/YQ", KeyRoute.Kv64)]
    public void Key_routes_are_recognised_by_the_raw_target(string target, object route)
    {
        var parsed = KeyTarget.Parse(target);

        Assert.Equal((KeyRoute)route, parsed.Route);
        Assert.Null(parsed.Problem);
    }

    private static byte[] Bytes(SeededRandom random, int lengthMax) =>
        [.. Enumerable.Range(0, random.Next(0, lengthMax + 1)).Select(_ => (byte)random.Next(0, 256))];

    private static string Garble(SeededRandom random, string text)
    {
        const string Alphabet = "ABCDabcd0189+/-_= \n";
        var letters = text.ToList();
        var at = random.Next(0, letters.Count + 1);
        if (at == letters.Count || random.Next(0, 3) == 0)
        {
            letters.Insert(at, Alphabet[random.Next(0, Alphabet.Length)]);
        }
        else if (random.Next(0, 2) == 0)
        {
            letters.RemoveAt(at);
        }
        else
        {
            letters[at] = Alphabet[random.Next(0, Alphabet.Length)];
        }

        return new string([.. letters]);
    }

    private static string RandomText(SeededRandom random)
    {
        const string Letters = "ab/.%+? #&=;@:~\u0000\u007f\u00fc\u20ac";
        return new string([.. Enumerable.Range(0, random.Next(0, 8)).Select(_ => Letters[random.Next(0, Letters.Length)])]);
    }

    private static string Escape(SeededRandom random, byte[] key)
    {
        const string Free = "ab/.+;@:~&=";
        var text = new StringBuilder();
        foreach (var one in key)
        {
            if (Free.Contains((char)one, StringComparison.Ordinal) && random.Next(0, 2) == 0)
            {
                text.Append((char)one);
            }
            else
            {
                text.Append('%').Append(one.ToString(random.Next(0, 2) == 0 ? "x2" : "X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
