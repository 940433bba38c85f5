using RestKv.Api.Hosting;

namespace RestKv.Api.Etcd.Watches;

/// <summary>What the options say about watches of etcd's clients.</summary>
internal sealed record WatchSettings
{
    /// <summary>What a message may have beyond the largest request.</summary>
    private const long MessageOverhead = 512 << 10;

    /// <summary>Larger answers are cut for those who asked for fragments.</summary>
    public long FragmentBytesMax { get; init; } = (1536 << 10) + MessageOverhead;

    /// <summary>Silence after which a watch that asked for it is told how far it has come. A little more, differently for each stream.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMinutes(10);

    public static WatchSettings From(NodeOptions options) => new()
    {
        FragmentBytesMax = options.MaxRequestBytes + MessageOverhead,
        ProgressInterval = options.WatchProgressNotifyInterval,
    };
}
