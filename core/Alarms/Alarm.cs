using RestKv.Raft;

namespace RestKv.Core.Alarms;

/// <summary>An alarm that was raised by hand. None is no alarm; it is there because etcd's clients can name it.</summary>
public enum AlarmKind : byte
{
    None = 0,

    /// <summary>Nothing that grows the store is taken.</summary>
    NoSpace = 1,

    /// <summary>Nothing is written at all.</summary>
    Corrupt = 2,
}

/// <param name="Member">Whom it is about; none stands for the whole cluster. It need not be a member.</param>
public readonly record struct Alarm(AlarmKind Kind, NodeId Member) : IComparable<Alarm>
{
    public int CompareTo(Alarm other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : Member.CompareTo(other.Member);
}
