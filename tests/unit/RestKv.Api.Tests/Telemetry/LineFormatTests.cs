using System.Text;
using System.Text.Json;
using RestKv.Api.Telemetry;
using RestKv.Testing;

namespace RestKv.Api.Tests.Telemetry;

public sealed class LineFormatTests
{
    [Fact]
    public void A_json_line_has_its_fields_and_nothing_else()
    {
        var line = Written(new JsonLineFormat(), logger => logger.Log(
            LogLevel.Warning,
            new EventId(7, "DiskSlow"),
            (IReadOnlyList<KeyValuePair<string, object?>>)
                [new("ElapsedMs", 12L), new("File", "a\nb"), new("Msg", "x"), new("{OriginalFormat}", "t")],
            null,
            (_, _) => "took long"));

        Assert.Equal(
            """{"ts":"2026-01-01T00:00:00.000Z","level":"warn","component":"Wal","event":"DiskSlow","msg":"took long","elapsedMs":12,"file":"a\nb"}""" + "\n",
            line);
    }

    [Fact]
    public void An_exception_is_one_line_too()
    {
        var line = Written(new JsonLineFormat(), logger => logger.LogError(new InvalidOperationException("no"), "failed"));

        Assert.Single(line.TrimEnd('\n').Split('\n'));
        using var json = JsonDocument.Parse(line);
        Assert.Equal("InvalidOperationException: no", json.RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public void Text_cannot_be_forged_by_control_characters()
    {
        var line = Written(new TextLineFormat(), logger => logger.LogInformation("{Key}", "a\nfatal b\u001b[31m"));

        Assert.Single(line.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain('\u001b', line);
    }

    [Fact]
    public void A_closed_output_does_not_stop_the_node()
    {
        var output = new BrokenStream();
        using var provider = new LineLoggerProvider(output, new JsonLineFormat(), new ManualClock());

        provider.CreateLogger("x").LogInformation("hello");

        Assert.Equal(1, output.Attempts);
    }

    private static string Written(ILineFormat format, Action<ILogger> write)
    {
        using var output = new MemoryStream();
        using var provider = new LineLoggerProvider(output, format, new ManualClock());
        write(provider.CreateLogger("RestKv.Api.Hosting.Wal"));
        return Encoding.UTF8.GetString(output.ToArray());
    }

    /// <summary>A pipe whose reader has gone.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        public int Attempts { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Attempts++;
            throw new IOException("Broken pipe");
        }
    }
}
