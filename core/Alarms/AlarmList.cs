using System.Collections.Immutable;
using RestKv.Core.Commands;

namespace RestKv.Core.Alarms;

/// <summary>
/// The alarms in force: part of the replicated state, so all members refuse alike. They are raised and lowered by hand and never
/// by themselves. Immutable; every change makes a new one.
/// </summary>
public sealed class AlarmList
{
    /// <summary>More than anybody raises, one of each kind for each member that ever was.</summary>
    public const int AlarmsMax = 1024;

    public static readonly AlarmList Empty = new([]);

    private AlarmList(ImmutableSortedSet<Alarm> alarms) => Alarms = alarms;

    /// <summary>By kind, then by member.</summary>
    public ImmutableSortedSet<Alarm> Alarms { get; }

    public bool IsEmpty => Alarms.IsEmpty;

    public static AlarmList Of(IEnumerable<Alarm> alarms) => alarms.ToImmutableSortedSet() is { IsEmpty: false } set ? new(set) : Empty;

    public bool Has(AlarmKind kind) => Alarms.Any(alarm => alarm.Kind == kind);

    public AlarmList With(Alarm alarm) => new(Alarms.Add(alarm));

    public AlarmList Without(Alarm alarm) => new(Alarms.Remove(alarm));

    /// <summary>Why a command is not taken while these alarms are in force.</summary>
    public RejectionCode RefusalOf(Command command)
    {
        if (IsEmpty)
        {
            return RejectionCode.None;
        }

        return Has(AlarmKind.Corrupt) && Writes(command) ? RejectionCode.Corrupt
            : Has(AlarmKind.NoSpace) && SpaceNeed.Grows(command) ? RejectionCode.NoSpace
            : RejectionCode.None;
    }

    // Leases still run out: what they promised was promised before.
    private static bool Writes(Command command) => command switch
    {
        Command.Write write => Writes(write.Operation),
        Command.Compact or Command.LeaseGrant or Command.LeaseRevoke => true,
        _ => false,
    };

    private static bool Writes(Operation operation) => operation switch
    {
        Operation.Get => false,
        Operation.Txn txn => txn.Then.Any(Writes) || txn.Else.Any(Writes),
        _ => true,
    };
}
