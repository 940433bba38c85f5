using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Raft;

namespace RestKv.Core.Replication;

/// <summary>What the log says of one member's data directory: whoever comes under its id with less has lost something.</summary>
/// <param name="StoreId">Which directory; 0 when it has not told yet.</param>
/// <param name="Incarnation">Number of the start it told of last.</param>
/// <param name="Life">Drawn by that start.</param>
/// <param name="Held">How far its disk has held the log.</param>
public readonly record struct MemberEvidence(long StoreId, long Incarnation, long Life, HeldLog Held)
{
    public static MemberEvidence Of(Member member) => new(member.StoreId, member.Incarnation, member.Life, member.Held);

    /// <summary>
    /// Of the list and of the entries after it. Those may never be committed; what the members said in them is true all the
    /// same, and after a restart of all it is all there is until somebody leads.
    /// </summary>
    public static Dictionary<NodeId, MemberEvidence> Collect(MemberList list, IReadOnlyList<Entry> entries)
    {
        var found = list.Members.ToDictionary(member => member.Id, Of);
        foreach (var entry in entries)
        {
            if (entry.Kind == EntryKind.Command && CommandCodec.TellsOfMembers(Envelope.CommandTag(entry.Payload))
                && Envelope.TryDecode(entry.Payload, out var envelope))
            {
                Add(found, envelope);
            }
        }

        return found;
    }

    private static void Add(Dictionary<NodeId, MemberEvidence> found, in Envelope envelope)
    {
        switch (envelope.Command)
        {
            case Command.MemberAnnounce announce:
                var known = found.GetValueOrDefault(announce.Id);
                if ((known.StoreId == 0 || known.StoreId == announce.StoreId) && announce.Incarnation > known.Incarnation)
                {
                    found[announce.Id] = known with
                    {
                        StoreId = announce.StoreId,
                        Incarnation = announce.Incarnation,
                        Life = announce.Life,
                    };
                }

                break;
            case Command.StateReport report:
                var told = found.GetValueOrDefault(report.Member);
                found[report.Member] = told with { Held = told.Held.Reported(envelope.Incarnation, report.Index) };
                break;
            default:
                break;
        }
    }
}
