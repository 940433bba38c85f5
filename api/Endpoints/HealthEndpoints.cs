using System.Text;
using RestKv.Api.Errors;
using RestKv.Api.Etcd;
using RestKv.Api.Http;

namespace RestKv.Api.Endpoints;

/// <summary>What probes ask: `/livez`, `/readyz`, `/health` and `/version`.</summary>
internal sealed partial class HealthEndpoints(ApiServices services)
{
    private static readonly QuerySpec NoQuery = new();
    private static readonly QuerySpec ReadyQuery = new(Parameters.Verbose, Parameters.Exclude, Parameters.Timeout);
    private static readonly QuerySpec HealthQuery = new(
        Parameters.ExcludeAlarm, Parameters.Serializable, Parameters.JsonFormat, Parameters.Pretty);

    private static readonly QuerySpec VersionQuery = new(Parameters.JsonFormat, Parameters.Pretty);
    private static readonly byte[] Ok = "ok\n"u8.ToArray();
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    private static async Task GetLivenessAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, NoQuery);
        await (query.Problem is null ? Reply.SendTextAsync(context, Ok) : query.Problem.WriteAsync(context));
    }

    private async Task GetReadinessAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, ReadyQuery);
        var verbose = query.Flag(Parameters.Verbose);
        var excluded = query.Text(Parameters.Exclude);
        var timeout = query.Duration(Parameters.Timeout, ProbeTimeout);
        if (query.Problem is not null)
        {
            await query.Problem.WriteAsync(context);
            return;
        }

        var checks = await ReadinessChecks.RunAsync(services.Node, excluded, timeout);
        var failed = new List<string>();
        var lines = new StringBuilder();
        foreach (var (name, isOk) in checks)
        {
            lines.Append(isOk ? "[+]" : "[-]").Append(name).Append(isOk ? " ok\n" : " failed\n");
            if (!isOk)
            {
                failed.Add(name);
            }
        }

        if (failed.Count > 0)
        {
            var type = services.Node.Status.IsShuttingDown ? ProblemCatalog.ShuttingDown : ProblemCatalog.NotReady;
            await new Problem(type, $"failed: {string.Join(", ", failed)}") { FailedChecks = failed }.WriteAsync(context);
            return;
        }

        await Reply.SendTextAsync(context, verbose ? Encoding.UTF8.GetBytes(lines.Append("ok\n").ToString()) : Ok);
    }

    /// <summary>etcd's probes read this shape and nothing else, so a failure is not a problem document here.</summary>
    private async Task GetHealthAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, HealthQuery);
        var excluded = query.AllTexts(Parameters.ExcludeAlarm);
        var isSerializable = query.Flag(Parameters.Serializable);
        if (query.Problem is not null)
        {
            await query.Problem.WriteAsync(context);
            return;
        }

        var reason = await FindFaultAsync(excluded, isSerializable);
        using var reply = JsonReply.Rent();
        reply.Writer.WriteStartObject();
        reply.Writer.WriteString("health"u8, reason.Length == 0 ? "true"u8 : "false"u8);
        reply.Writer.WriteString("reason"u8, reason);
        reply.Writer.WriteEndObject();
        context.Response.Headers.CacheControl = KvHeaders.NoStore;
        await Reply.SendAsync(
            context, reply, reason.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>Why etcd would call itself unhealthy, in its words: an alarm, no leader, or a read that fails. Empty for none.</summary>
    private async ValueTask<string> FindFaultAsync(List<string> excluded, bool isSerializable)
    {
        var status = services.Node.Status;
        foreach (var alarm in EtcdAlarms.Of(status))
        {
            if (EtcdAlarms.NameOf(alarm.Kind) is var name && !excluded.Contains(name))
            {
                return $"ALARM {name}";
            }
        }

        if (isSerializable)
        {
            return "";
        }

        if (!status.IsReady)
        {
            return "RAFT NO LEADER";
        }

        var barrier = await services.Node.ReadBarrierAsync(ProbeTimeout, CancellationToken.None);
        return barrier.Outcome == Hosting.BarrierOutcome.Ok ? "" : $"RANGE ERROR:{EtcdFaults.RequestTimedOut().Text}";
    }

    private static async Task GetVersionAsync(HttpContext context)
    {
        var query = QueryReader.Read(context, VersionQuery);
        var pretty = query.Flag(Parameters.Pretty);
        if (query.Problem is not null)
        {
            await query.Problem.WriteAsync(context);
            return;
        }

        using var reply = JsonReply.Rent(pretty);
        reply.Writer.WriteStartObject();
        reply.Writer.WriteString("etcdserver"u8, ProductVersion.EtcdServer);
        reply.Writer.WriteString("etcdcluster"u8, ProductVersion.EtcdCluster);
        reply.Writer.WriteString("restkv"u8, ProductVersion.Text);
        reply.Writer.WriteEndObject();
        await Reply.SendAsync(context, reply);
    }
}
