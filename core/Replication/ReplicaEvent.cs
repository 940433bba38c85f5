using RestKv.Core.Auth;
using RestKv.Core.Commands;
using RestKv.Core.Model;
using RestKv.Raft;

namespace RestKv.Core.Replication;

public enum ReplicaEventKind : byte
{
    None = 0,
    Tick = 1,
    Peer = 2,
    Submit = 3,
    Read = 4,
    Renew = 5,
    Persisted = 6,
    SnapshotSaved = 7,
    Query = 8,
    NoSpace = 9,
    PeerLost = 10,
    SnapshotSent = 11,
    SnapshotArrived = 12,
    TransferLeadership = 13,
    PeerForgot = 14,
    PeerRemembered = 15,

    /// <summary>Numbered apart: a question of the shell, not a part of the protocol.</summary>
    Capture = 32,
}

/// <summary>Everything that may enter the replica. A token is whatever the shell wants back with the completion.</summary>
public readonly record struct ReplicaEvent
{
    public ReplicaEventKind Kind { get; private init; }

    public object? Token { get; private init; }

    /// <summary>Submit: an encoded envelope, not yet stamped; it belongs to the replica from here on.</summary>
    public byte[]? Payload => _detail as byte[];

    /// <summary>Submit: true for commands that take space (refused while the store is full).</summary>
    public bool Grows => _flag;

    /// <summary>SnapshotSent: the peer has it, durable and handed to its replica.</summary>
    public bool IsDelivered => _flag;

    /// <summary>Boxed, because it is large and only peers send it: the event itself stays small in the mailbox.</summary>
    public Message Message => (Message)_detail!;

    /// <summary>Persisted: what is durable; SnapshotSaved: only its index counts.</summary>
    public PersistMark Mark { get; private init; }

    /// <summary>Renew: boxed, as the rest of what is rare.</summary>
    public RenewalPart Renewal => (RenewalPart)_detail!;

    public Action<KvStateMachine, Moment>? Question => _detail as Action<KvStateMachine, Moment>;

    /// <summary>SnapshotArrived: the place in the log, and the state there.</summary>
    public SnapshotArrival? Arrival => _detail as SnapshotArrival;

    public Action<MachineImage, SnapshotMark>? Taker => _detail as Action<MachineImage, SnapshotMark>;

    /// <summary>SnapshotSaved: bytes of the file; NoSpace: 1 when the log cannot grow; else the peer.</summary>
    public long Number { get; private init; }

    private readonly object? _detail;
    private readonly bool _flag;

    private ReplicaEvent(ReplicaEventKind kind, object? detail = null, bool flag = false)
    {
        Kind = kind;
        _detail = detail;
        _flag = flag;
    }

    public static ReplicaEvent Tick() => new(ReplicaEventKind.Tick);

    public static ReplicaEvent FromPeer(in Message message) => new(ReplicaEventKind.Peer, message);

    public static ReplicaEvent Submit(object token, byte[] payload, bool grows) =>
        new(ReplicaEventKind.Submit, payload, grows) { Token = token };

    public static ReplicaEvent Read(object token) => new(ReplicaEventKind.Read) { Token = token };

    /// <summary>Keep-alives: those that wait together travel in one entry.</summary>
    public static ReplicaEvent Renew(object token, IReadOnlyList<LeaseId> leases) =>
        Renew(token, new RenewalPart("", Credential.None, [.. leases]));

    /// <summary>As above, in somebody's name.</summary>
    public static ReplicaEvent Renew(object token, RenewalPart part) => new(ReplicaEventKind.Renew, part) { Token = token };

    /// <summary>The disk holds this batch and all before it.</summary>
    public static ReplicaEvent Persisted(PersistMark mark) => new(ReplicaEventKind.Persisted) { Mark = mark };

    /// <param name="index">Last index it covers.</param>
    /// <param name="bytes">Size of the file; negative when it could not be written.</param>
    public static ReplicaEvent SnapshotSaved(LogIndex index, long bytes) =>
        new(ReplicaEventKind.SnapshotSaved) { Mark = new PersistMark(0, index, Term.Zero), Number = bytes };

    /// <summary>Answers <see cref="IReplicaEffects.SendSnapshot"/>, always and once.</summary>
    public static ReplicaEvent SnapshotSent(NodeId peer, bool delivered) =>
        new(ReplicaEventKind.SnapshotSent, flag: delivered) { Number = peer.Value };

    /// <summary>
    /// A snapshot from the leader is durable under its name and has been read back. To be posted before the leader is told
    /// that it was delivered: what the leader sends then builds on it.
    /// </summary>
    /// <param name="machine">Holds exactly what the mark covers; it belongs to the replica from here on.</param>
    public static ReplicaEvent SnapshotArrived(SnapshotMark mark, KvStateMachine machine) =>
        new(ReplicaEventKind.SnapshotArrived, new SnapshotArrival(mark, machine));

    /// <summary>Asks a leader to hand over, to the voter with the longest log when none is named; others ignore it.</summary>
    public static ReplicaEvent TransferLeadership(NodeId to) =>
        new(ReplicaEventKind.TransferLeadership) { Number = to.Value };

    /// <summary>Runs a question on the machine after everything that was applied so far.</summary>
    public static ReplicaEvent Query(Action<KvStateMachine, Moment> question) =>
        new(ReplicaEventKind.Query, question);

    /// <summary>Hands out the machine as it is after everything applied so far, with its place in the log.</summary>
    public static ReplicaEvent Capture(Action<MachineImage, SnapshotMark> taker) => new(ReplicaEventKind.Capture, taker);

    public static ReplicaEvent NoSpace(bool isFull) =>
        new(ReplicaEventKind.NoSpace) { Number = isFull ? 1 : 0 };

    /// <summary>The peer came back without what it had promised: nothing of it counts.</summary>
    public static ReplicaEvent PeerForgot(NodeId peer) => new(ReplicaEventKind.PeerForgot) { Number = peer.Value };

    /// <summary>It came back once more, and with a disk that knows all of it.</summary>
    public static ReplicaEvent PeerRemembered(NodeId peer) => new(ReplicaEventKind.PeerRemembered) { Number = peer.Value };

    public static ReplicaEvent PeerLost(NodeId peer) => new(ReplicaEventKind.PeerLost) { Number = peer.Value };
}
