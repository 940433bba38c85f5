using System.Globalization;
using System.Text;
using RestKv.Api.Hosting;

namespace RestKv.Benchmarks.Ladder;

/// <summary>What all rungs write, so that they can be compared.</summary>
internal static class LadderData
{
    public const int Keys = 100_000;
    public const int ValueBytes = 256;

    /// <summary>Size of a put in the log: key, value and what goes with them.</summary>
    public const int EntryBytes = 352;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public static byte[] Value { get; } = Encoding.ASCII.GetBytes(new string('v', ValueBytes));

    public static byte[] Key(int number) =>
        Encoding.ASCII.GetBytes("k/" + number.ToString("D14", CultureInfo.InvariantCulture));

    /// <summary>A node as a user starts it, on a port that the system picks.</summary>
    public static NodeOptions Node(string directory) => new()
    {
        DataDir = directory,
        ListenClientUrls = [new Uri("http://127.0.0.1:0")],
        QuotaBackendBytes = 8L << 30,
        LogLevel = LogLevel.Warning,
    };

    public static async Task WaitUntilReadyAsync(INode node)
    {
        using var tooLate = new CancellationTokenSource(StartMax);
        while (!node.Status.IsReady)
        {
            await Task.Delay(Look, tooLate.Token);
        }
    }
}
