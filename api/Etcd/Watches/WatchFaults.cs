using RestKv.Api.Watch;

namespace RestKv.Api.Etcd.Watches;

/// <summary>Why a stream ends, or a single watch is refused.</summary>
internal static class WatchFaults
{
    public const string EmptyRange = "mvcc: watcher range is empty";

    public const string DuplicateId = "mvcc: duplicate watch ID provided on the WatchStream";

    public const string TooMany = "etcdserver: too many watches are open on this member";

    /// <summary>The code makes clients go on at another member; etcd's own for a broken store would make them give up.</summary>
    public static EtcdFault Diverged() => new(GrpcCode.Unavailable, "etcdserver: the state of this member is not that of the majority");

    public static EtcdFault Of(ChangeWaitOutcome refusal) => refusal switch
    {
        ChangeWaitOutcome.Diverged => Diverged(),
        ChangeWaitOutcome.Overloaded => EtcdFaults.TooManyRequests(),
        _ => EtcdFaults.Stopped(),
    };

    /// <summary>A refusal as the reason of a single watch, in the form in which etcd's clients find errors there.</summary>
    public static string ReasonOf(EtcdFault fault) => $"rpc error: code = {fault.Code} desc = {fault.Text}";
}
