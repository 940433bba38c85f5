using RestKv.Api.Hosting;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Api.Peers;

/// <summary>A member and what it said when it was asked; null when it did not answer.</summary>
internal sealed record ProbedMember(Member Member, PeerReport? Report, TimeSpan Took);

/// <summary>Asks all members how they are, and the leader to step aside.</summary>
internal sealed class ClusterProbe(INode node, PeerClient client, NodeOptions options, TimeProvider time)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <summary>For a leader that does not answer or leads no more: whoever follows it is known soon.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMilliseconds(100);

    public async Task<IReadOnlyList<ProbedMember>> AskAllAsync(CancellationToken cancellationToken)
    {
        var status = node.Status;
        return await Task.WhenAll(status.Members.Members.Select(member => AskAsync(member, status.MemberId, cancellationToken)));
    }

    /// <summary>
    /// True once the member leads, as far as this one knows. A transfer may come to nothing: the member falls behind, or the
    /// leader changes, or the call to stand is lost. Then it is asked for again, for the same member, as long as there is time.
    /// </summary>
    public async Task<bool> HandOverAsync(NodeId to, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var (asked, due) = (NodeId.None, TimeSpan.Zero);
        using var timer = new PeriodicTimer(Look, time);
        while (node.Status.Raft.Leader != to)
        {
            var passed = time.GetElapsedTime(began);
            if (passed >= timeout)
            {
                return false;
            }

            var status = node.Status;
            if (status.Members.Find(status.Raft.Leader) is { } leader && (leader.Id != asked || passed >= due))
            {
                var left = timeout - passed;
                var isTaken = await AskLeaderAsync(leader, to, left < AnswerTimeout ? left : AnswerTimeout, cancellationToken);
                (asked, due) = (leader.Id, time.GetElapsedTime(began) + (isTaken ? AgainAfter : RefusedPause));
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        return true;
    }

    /// <summary>
    /// A transfer ends after an election timeout. For half of one the leader then takes the writes that it kept meanwhile, so
    /// that asking again and again for a member that is gone does not hold them up until this request ends.
    /// </summary>
    private TimeSpan AgainAfter => options.ElectionTimeout * 1.5;

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
