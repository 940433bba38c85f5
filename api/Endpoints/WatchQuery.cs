using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.Watch;
using RestKv.Core.Model;
using RestKv.Core.Watch;

namespace RestKv.Api.Endpoints;

/// <summary>Reads what to watch from the query.</summary>
internal static class WatchQuery
{
    public static readonly QuerySpec Spec = new(
        WatchParameters.Key, WatchParameters.Key64, WatchParameters.Prefix, WatchParameters.Prefix64,
        WatchParameters.Start, WatchParameters.Start64, WatchParameters.End, WatchParameters.End64,
        WatchParameters.From, WatchParameters.Previous, Parameters.Values, WatchParameters.Types, WatchParameters.Depth,
        WatchParameters.Snapshot, WatchParameters.Resync, WatchParameters.Progress, WatchParameters.Heartbeat,
        WatchParameters.MaxLife, Parameters.Ticket, Parameters.MinRevision, Parameters.Timeout);

    /// <param name="given">The range that the URL itself names; null when the query has to.</param>
    public static WatchRequest? TryRead(HttpContext context, KeyRange? given, out Problem? problem)
    {
        var query = QueryReader.Read(context, Spec);
        var ranges = ReadRanges(ref query, given);
        var typesText = query.Text(WatchParameters.Types);
        if (!WatchTypeNames.TryParse(query.Has(WatchParameters.Types) ? typesText : null, out var types))
        {
            query.Fail(ProblemCatalog.BadRequest, WatchTypeNames.Expected, WatchParameters.Types.Name);
        }

        var request = new WatchRequest
        {
            Ranges = ranges,
            Types = types,
            From = query.Integer(WatchParameters.From, 0, ProblemCatalog.BadRevision),
            Previous = query.Flag(WatchParameters.Previous),
            Values = (ValueForm)query.Choice(Parameters.Values),
            Snapshot = query.Flag(WatchParameters.Snapshot),
            Resync = query.Flag(WatchParameters.Resync),
            Progress = query.Duration(WatchParameters.Progress, TimeSpan.FromSeconds(10)),
            Heartbeat = query.Duration(WatchParameters.Heartbeat, TimeSpan.FromSeconds(15)),
            MaxLife = query.Duration(WatchParameters.MaxLife, TimeSpan.Zero),
            MinRevision = query.Integer(Parameters.MinRevision, 0, ProblemCatalog.BadRevision),
            Timeout = ReadOptions.TimeoutOf(ref query),
        };
        problem = query.Problem;
        return problem is null ? request : null;
    }

    private static List<WatchRange> ReadRanges(ref QueryReader query, KeyRange? given)
    {
        var parts = new WatchRangeParts
        {
            Keys = query.AllKeyBytes(WatchParameters.Key, WatchParameters.Key64),
            Prefixes = query.AllKeyBytes(WatchParameters.Prefix, WatchParameters.Prefix64),
            Starts = query.AllKeyBytes(WatchParameters.Start, WatchParameters.Start64),
            Ends = query.AllKeyBytes(WatchParameters.End, WatchParameters.End64),
            Depth = (int)query.Integer(WatchParameters.Depth, 0, ProblemCatalog.BadRequest),
        };
        var fault = given is { } range ? parts.CheckBeside() : parts.Check();
        if (fault is not null)
        {
            query.Fail(fault.Type, fault.Detail, fault.At ?? "");
            return [];
        }

        return given is null ? parts.ToRanges() : [WatchRange.Of(given.Value)];
    }
}
