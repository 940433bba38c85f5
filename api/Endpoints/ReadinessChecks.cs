using RestKv.Api.Hosting;

namespace RestKv.Api.Endpoints;

/// <summary>What must hold before traffic is sent here. Each is named so that an operator can leave one out.</summary>
internal static class ReadinessChecks
{
    public static async Task<List<(string Name, bool IsOk)>> RunAsync(INode node, string excluded, TimeSpan timeout)
    {
        var status = node.Status;
        var checks = new List<(string Name, bool IsOk)>
        {
            ("recovered", status.HasCaughtUp),
            ("serving", !status.IsShuttingDown),
            ("state", !status.HasDiverged),
            ("directory", status.Refused is null),
            ("leader", !status.Raft.Leader.IsNone),
        };
        if (excluded != "read")
        {
            // Without a leader a read would wait for one; a probe wants to know how it is now.
            var isRead = !status.Raft.Leader.IsNone
                && (await node.ReadBarrierAsync(timeout, CancellationToken.None)).Outcome == BarrierOutcome.Ok;
            checks.Add(("read", isRead));
        }

        checks.RemoveAll(check => check.Name == excluded);
        return checks;
    }
}
