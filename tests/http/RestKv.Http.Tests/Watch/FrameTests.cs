using System.Buffers;
using System.Text;
using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Watch;
using RestKv.Core.Model;
using RestKv.Core.Mvcc;
using RestKv.Core.Watch;

namespace RestKv.Http.Tests.Watch;

/// <summary>Bytes of events, byte by byte.</summary>
public sealed class FrameTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(3_000)]
    [InlineData(100_000)]
    public void An_event_has_a_name_one_line_of_data_and_its_id(int size)
    {
        var json = $"{{\"v\":\"{new string('x', size)}\"}}";

        Assert.Equal($"event: put\ndata: {json}\nid: 42\n\n", Frame(SseFrameWriter.Instance, json, 42));
        Assert.Equal($"event: put\ndata: {json}\n\n", Frame(SseFrameWriter.Instance, json, -1));
        Assert.Equal($"{{\"event\":\"put\",{json[1..]}\n", Frame(JsonLinesFrameWriter.Instance, json, 42));
    }

    [Fact]
    public void Numbers_of_any_length_fit()
    {
        Assert.EndsWith($"\nid: {long.MaxValue}\n\n", Frame(SseFrameWriter.Instance, "{\"v\":1}", long.MaxValue), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_and_values_with_line_ends_forge_nothing()
    {
        var evil = Encoding.UTF8.GetBytes("a\r\n\r\nevent: closing\rid: 1\n\ndata: {}\u2028\u0085\0");
        var json = Encode(Put(evil, evil), ValueForm.Text);

        Assert.DoesNotContain('\n', json);
        Assert.DoesNotContain('\r', json);
        var document = JsonDocument.Parse(json).RootElement;
        Assert.Equal(Encoding.UTF8.GetString(evil), document.GetProperty("key").GetString());
        Assert.Equal(Encoding.UTF8.GetString(evil), document.GetProperty("value").GetString());
    }

    [Theory]
    [InlineData(ValueForm.None, null)]
    [InlineData(ValueForm.Text, "\"value\":\"{\\\"a\\\":\\n1}\"")]
    [InlineData(ValueForm.Base64, "\"base64\":\"eyJhIjoKMX0=\"")]
    [InlineData(ValueForm.Json, "\"json\":{\"a\":1}")]
    internal void Values_show_as_asked(ValueForm form, string? expected)
    {
        var json = Encode(Put("k"u8.ToArray(), "{\"a\":\n1}"u8.ToArray()), form);

        if (expected is null)
        {
            Assert.DoesNotContain("value", json, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(expected, json, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bytes_that_are_not_text_come_as_base64()
    {
        var json = Encode(Put([0xff, 0x00], [0xfe]), ValueForm.Text);

        Assert.Contains("\"keyBase64\":\"/wA=\"", json, StringComparison.Ordinal);
        Assert.Contains("\"base64\":\"/g==\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_is_encoded_once_for_all_who_want_the_same()
    {
        var encoder = new WatchEventJson();
        var item = Put("k"u8.ToArray(), "v"u8.ToArray());

        Assert.Same(encoder.Encode(item, ValueForm.Text, false), new WatchEventJson().Encode(item, ValueForm.Text, false));
        Assert.NotSame(encoder.Encode(item, ValueForm.Text, false), encoder.Encode(item, ValueForm.Base64, false));
    }

    [Fact]
    public void A_deletion_tells_key_cause_and_what_was_there()
    {
        var before = Entry("k"u8.ToArray(), "old"u8.ToArray(), 5, 3);
        var gone = Entry("k"u8.ToArray(), [], 9, 0);
        var item = new WatchEvent(new Change(gone, DeleteCause.Expire, 0, true, before));

        var with = JsonDocument.Parse(Encode(item, ValueForm.Text, previous: true)).RootElement;
        var without = JsonDocument.Parse(Encode(item, ValueForm.Text)).RootElement;

        Assert.Equal(("k", 9, "expire"), (
            with.GetProperty("key").GetString(), with.GetProperty("modRev").GetInt64(), with.GetProperty("cause").GetString()));
        Assert.Equal("old", with.GetProperty("prev").GetProperty("value").GetString());
        Assert.False(with.TryGetProperty("version", out _));
        Assert.False(without.TryGetProperty("prev", out _));
    }

    private static string Frame(IFrameWriter writer, string json, long id)
    {
        var output = new ArrayBufferWriter<byte>();
        var written = writer.Write(output, "put"u8, Encoding.UTF8.GetBytes(json), id);
        Assert.Equal(written, output.WrittenCount);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Encode(WatchEvent item, ValueForm form, bool previous = false) =>
        Encoding.UTF8.GetString(new WatchEventJson().Encode(item, form, previous));

    private static WatchEvent Put(byte[] key, byte[] value) =>
        new(new Change(Entry(key, value, 7, 2), DeleteCause.None, 0, true, null));

    private static KeyValue Entry(byte[] key, byte[] value, long revision, long version) =>
        new(key, value, 3, revision, version, LeaseId.None, 1_700_000_000_000, "");
}
