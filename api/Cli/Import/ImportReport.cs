using System.Collections.Concurrent;
using System.Globalization;

namespace RestKv.Api.Cli.Import;

/// <summary>What people are told while an import runs: results on one writer, all else on the other, and not too often.</summary>
internal sealed class ImportReport(TextWriter output, TextWriter notes, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseOfRepeats = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (long At, string Text)> _said = new(StringComparer.Ordinal);
    private readonly Lock _line = new(); // two tasks may speak at once, and the writers are not made for it

    public void Result(string text) => Write(output, text);

    public void Say(string text) => Write(notes, text);

    public void Trouble(string side, string text) => Sometimes($"trouble {side}", $"waiting for the {side}: {text}");

    public void Copying(long keys, long total, long bytes) => Sometimes(
        "copying",
        string.Create(CultureInfo.InvariantCulture, $"copying: {keys} of about {total} keys, {Mebibytes(bytes)}"));

    public void Following(long revision, long newest) => Sometimes(
        "following",
        string.Create(
            CultureInfo.InvariantCulture, $"following: revision {revision}, {Math.Max(0, newest - revision)} behind the source"));

    public static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");

    private void Sometimes(string topic, string text)
    {
        var now = time.GetTimestamp();
        if (_said.TryGetValue(topic, out var last) && time.GetElapsedTime(last.At, now) < (last.Text == text ? PauseOfRepeats : Pause))
        {
            return;
        }

        _said[topic] = (now, text);
        Say(text);
    }

    private void Write(TextWriter writer, string text)
    {
        lock (_line)
        {
            writer.WriteLine(text);
            writer.Flush();
        }
    }
}
