using RestKv.Api.Hosting;
using RestKv.Core.Alarms;

namespace RestKv.Api.Etcd;

/// <summary>
/// The alarms that etcd's clients are shown: those that were raised, and one of this member's own while space is short, which
/// nobody needs to lower.
/// </summary>
internal static class EtcdAlarms
{
    public static IEnumerable<Alarm> Of(NodeStatus status)
    {
        var own = new Alarm(AlarmKind.NoSpace, status.MemberId);
        return status.NoSpaceAlarm ? status.Alarms.With(own).Alarms : status.Alarms.Alarms;
    }

    /// <summary>The name of a kind in the API.</summary>
    public static string NameOf(AlarmKind kind) => kind == AlarmKind.NoSpace ? "NOSPACE" : "CORRUPT";

    /// <summary>As protobuf prints one, which is how etcd's status tells of it.</summary>
    public static string Describe(Alarm alarm) =>
        alarm.Member.IsNone
            ? $"alarm:{NameOf(alarm.Kind)} "
            : string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"memberID:{(ulong)alarm.Member.Value} alarm:{NameOf(alarm.Kind)} ");
}
