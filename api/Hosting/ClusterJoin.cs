using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Polly;
using Polly.Retry;
using RestKv.Api.Peers;
using RestKv.Raft;
using RestKv.Storage;

namespace RestKv.Api.Hosting;

/// <summary>
/// The first start of a member that joins a running cluster (`--initial-cluster-state existing`): it asks the others which
/// cluster this is and which id it was taken in under, by its name. Everything else comes with the log.
/// </summary>
internal sealed partial class ClusterJoin(NodeOptions options, PeerSecurity security, ILogger logger)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Asks until it is answered: the others may be starting, and the operator may still be adding this member.</summary>
    public async Task<FreshStore> AskAsync(CancellationToken cancellationToken)
    {
        var patiently = new ResiliencePipelineBuilder<FreshStore?>()
            .AddRetry(new RetryStrategyOptions<FreshStore?>
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome is { Exception: null, Result: null }),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                MaxDelay = TimeSpan.FromSeconds(5),
                UseJitter = true,
                OnRetry = arguments =>
                {
                    LogWaiting(options.Name, arguments.AttemptNumber + 1);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
        return Invariant.NotNull(await patiently.ExecuteAsync(async stop => await TryAskAsync(stop), cancellationToken));
    }

    private async Task<FreshStore?> TryAskAsync(CancellationToken cancellationToken)
    {
        var client = new PeerClient(security);
        var others = options.InitialCluster.Where(member => member.Name != options.Name).SelectMany(member => member.PeerUrls);
        foreach (var other in others)
        {
            var reply = await client.GetAsync(
                other, PeerPaths.Members, PeerJsonContext.Default.PeerRoster, AnswerTimeout, cancellationToken);
            if (reply?.Answer is { } roster && Find(roster) is { } self
                && TryParse(roster.Cluster, out var cluster) && TryParse(self.Id, out var id))
            {
                var salt = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
                LogJoining(self.Id, roster.Cluster, other.Authority);
                return new FreshStore(new ClusterId(cluster), new NodeId(id), Membership.Empty, salt);
            }
        }

        return null;
    }

    /// <summary>The newcomer of this name: where one replaces another, both may have it for a while.</summary>
    private PeerRosterEntry? Find(PeerRoster roster) =>
        roster.Members.FirstOrDefault(member => member.Name == options.Name && !member.HasCome);

    private static bool TryParse(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value > 0;

    [LoggerMessage(EventId = 1052, EventName = "Joining", Level = LogLevel.Information,
        Message = "joining cluster {Cluster} as member {Member}, says {Address}")]
    private partial void LogJoining(string member, string cluster, string address);

    [LoggerMessage(EventId = 1053, EventName = "WaitingToJoin", Level = LogLevel.Warning,
        Message = "no member in initial-cluster answers that it expects \"{Name}\" (POST /v1/members); asked {Times} times")]
    private partial void LogWaiting(string name, int times);
}
