using RestKv.Api.Etcd.Messages;
using RestKv.Api.Etcd.Recipes;
using RestKv.Api.Etcd.Watches;
using RestKv.Core.Watch;

namespace RestKv.Api.Etcd.Calls;

/// <summary>Election.Observe: every leader and every value of one, from the present one on.</summary>
internal sealed partial class ElectionCalls
{
    public async Task ObserveAsync(IEtcdRequests requests, IEtcdReplies replies, EtcdCall call)
    {
        var request = await requests.NextAsync(call.Aborted) as LeaderRequest ?? new LeaderRequest();
        var line = Contender.LineOf(request.Name.Span);
        var principal = await etcd.Authority.IdentifyAsync(call);
        var view = await etcd.ReadAsync(call, isSerializable: false, EtcdNeed.Read(line));
        var leader = new LeaderView(line);
        while (true)
        {
            using var reader = new CursorReader(
                etcd.Node.Watches, etcd, new WatchFilter([WatchRange.Of(line)]), view.Revision + 1, call, time);
            if (leader.Look(view, view.Revision))
            {
                await replies.SendAsync(Announce(view.Revision, leader.Leader), reader.Cut);
            }

            await FollowAsync(leader, reader, replies, () => etcd.Authority.CheckRead(principal, line));

            // A compaction overtook a slow client: it learns what is so now, not what was in between.
            view = etcd.Node.View;
        }
    }

    /// <summary>Done when history was overtaken.</summary>
    /// <param name="check">Refuses when the right to look was taken away; asked after changes were taken, before they are shown.</param>
    private async Task FollowAsync(LeaderView leader, CursorReader reader, IEtcdReplies replies, Action check)
    {
        var batch = new WatchBatch();
        while (await reader.ReadAsync(batch))
        {
            check();
            foreach (var item in batch.Events)
            {
                if (leader.Follow(item.Event, () => etcd.Node.View))
                {
                    await replies.SendAsync(Announce(leader.Revision, leader.Leader), reader.Cut);
                }
            }

            batch.Clear();
        }
    }
}
