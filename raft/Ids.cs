using System.Globalization;

namespace RestKv.Raft;

/// <summary>Identifies one member for ever: ids of removed members are never given again. Zero means "nobody".</summary>
public readonly record struct NodeId(long Value) : IComparable<NodeId>
{
    public static readonly NodeId None;

    public bool IsNone => Value == 0;

    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);

    /// <summary>Lower-case hexadecimal, as the API shows member ids.</summary>
    public override string ToString() => Value.ToString("x", CultureInfo.InvariantCulture);
}

/// <summary>A Raft term (Ongaro and Ousterhout 2014, section 5.1). Zero is "before the first election".</summary>
public readonly record struct Term(long Value) : IComparable<Term>
{
    public static readonly Term Zero;

    public Term Next => new(Value + 1);

    public int CompareTo(Term other) => Value.CompareTo(other.Value);

    public static bool operator <(Term left, Term right) => left.Value < right.Value;

    public static bool operator >(Term left, Term right) => left.Value > right.Value;

    public static bool operator <=(Term left, Term right) => left.Value <= right.Value;

    public static bool operator >=(Term left, Term right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A position in the log; the first entry has index 1, zero is "before the log".</summary>
public readonly record struct LogIndex(long Value) : IComparable<LogIndex>
{
    public static readonly LogIndex Zero;

    public LogIndex Next => new(Value + 1);

    public LogIndex Previous => new(Value - 1);

    public int CompareTo(LogIndex other) => Value.CompareTo(other.Value);

    public static bool operator <(LogIndex left, LogIndex right) => left.Value < right.Value;

    public static bool operator >(LogIndex left, LogIndex right) => left.Value > right.Value;

    public static bool operator <=(LogIndex left, LogIndex right) => left.Value <= right.Value;

    public static bool operator >=(LogIndex left, LogIndex right) => left.Value >= right.Value;

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Number of a read barrier; strictly increasing within one process life, never reused.</summary>
public readonly record struct ReadId(long Value);
