using RestKv.Checkers.History;
using RestKv.Core.Commands;
using RestKv.Core.Members;
using RestKv.Core.Replication;
using RestKv.Raft;
using RestKv.Simulator.Clients;
using RestKv.Simulator.Engine;

namespace RestKv.Simulator.Cluster;

/// <summary>What a member does about the list of members: says who it is, and speaks only with those that the list lets in.</summary>
internal sealed partial class NodeLife
{
    private const long AnnounceEvery = 250 * Time.Millisecond;
    private readonly IReadOnlyDictionary<NodeId, MemberEvidence> _evidence;
    private readonly HashSet<NodeId> _forgotten = [];
    private readonly long _lifeNumber;
    private MemberList? _comparedMembers;

    public MemberList Members => Current?.Facts.Members ?? MemberList.Empty;

    public long StoreId => _store.Identity.StoreId;

    /// <summary>How a hello is judged: removed members and those with another disk than the list has are turned away.</summary>
    public bool Admits(NodeId from, long storeId)
    {
        var listed = Members.Find(from)?.StoreId ?? 0;
        var known = listed != 0 ? listed : _evidence.GetValueOrDefault(from).StoreId;
        if (known != 0 && known != storeId)
        {
            _simulation.Sometimes.Hit("wiped member turned away");
            if (_forgotten.Add(from))
            {
                Post(ReplicaEvent.PeerForgot(from));
            }

            return false;
        }

        if (IsGone(from))
        {
            _simulation.Sometimes.Hit("removed member turned away");
            return false;
        }

        return true;
    }

    private bool IsGone(NodeId id) => Current is { } current && current.Facts.Members.IsGone(id, current.Raft.Settled);

    /// <summary>As the service does after each start: until the list has this member's disk, or says that it has another.</summary>
    private void Announce()
    {
        if (Members.Find(_node.Id) is not { } self)
        {
            Later(AnnounceEvery, Announce);
            return;
        }

        if (self.Life == _lifeNumber)
        {
            return;
        }

        var announce = new Command.MemberAnnounce(
            _node.Id, _node.Name, [$"http://{_node.Name}:7070"], StoreId, _store.Identity.Incarnation, _lifeNumber);
        var isRefused = false;
        Receive(new Call(_simulation.NextOperationId(), new HistoryRequest.Submit(announce), 0, (_, reply, _) =>
            isRefused = reply is HistoryReply.Result
            {
                Value: OperationResult.Rejected { Rejection.Code: RejectionCode.MemberWiped or RejectionCode.MemberRolledBack },
            }));
        Later(AnnounceEvery, () =>
        {
            if (!isRefused)
            {
                Announce();
            }
        });
    }

    private void NoteMembers(MemberList list)
    {
        if (!ReferenceEquals(list, _comparedMembers))
        {
            _comparedMembers = list;
            _simulation.Committed.CompareMembers(_node.Id, _appliedSeen, list);
        }
    }
}
