using RestKv.Api.Hosting;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>A member and what it said when it was asked; null when it did not answer.</summary>
internal sealed record ProbedMember(Member Member, PeerReport? Report, TimeSpan Took);

/// <summary>Asks all members how they are, and the leader to step aside.</summary>
internal sealed class ClusterProbe(INode node, PeerClient client, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public async Task<IReadOnlyList<ProbedMember>> AskAllAsync(CancellationToken cancellationToken)
    {
        var status = node.Status;
        return await Task.WhenAll(status.Members.Members.Select(member => AskAsync(member, status.MemberId, cancellationToken)));
    }

    /// <summary>True once the member leads, as far as this one knows.</summary>
    public async Task<bool> HandOverAsync(NodeId to, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var status = node.Status;
        var leader = status.Members.Find(status.Raft.Leader);
        if (status.Raft.Leader == to)
        {
            return true;
        }

        if (leader is null || !await AskLeaderAsync(leader, to, timeout, cancellationToken))
        {
            return false;
        }

        using var timer = new PeriodicTimer(Look, time);
        while (node.Status.Raft.Leader != to && time.GetElapsedTime(began) < timeout)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }

        return node.Status.Raft.Leader == to;
    }

    private async Task<bool> AskLeaderAsync(Member leader, NodeId to, TimeSpan timeout, CancellationToken cancellationToken)
    {
        foreach (var address in AddressesOf(leader))
        {
            if (await client.PostAsync(address, $"{PeerPaths.Leader}?to={to}", timeout, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<ProbedMember> AskAsync(Member member, NodeId self, CancellationToken cancellationToken)
    {
        if (member.Id == self)
        {
            return new ProbedMember(member, PeerQueries.Report(node), TimeSpan.Zero);
        }

        foreach (var address in AddressesOf(member))
        {
            var reply = await client.GetAsync(
                address, PeerPaths.Status, PeerJsonContext.Default.PeerReport, AnswerTimeout, cancellationToken);
            if (reply is { } answered)
            {
                return new ProbedMember(member, answered.Answer, answered.Took);
            }
        }

        return new ProbedMember(member, null, TimeSpan.Zero);
    }

    private static IEnumerable<Uri> AddressesOf(Member member) =>
        member.PeerUrls.Select(url => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address : null).OfType<Uri>();
}
