using System.Text;
using System.Text.Json;
using RestKv.Api.Contracts;
using RestKv.Api.Errors;
using RestKv.Api.Http;
using RestKv.Api.Watch;

namespace RestKv.Api.Endpoints;

/// <summary>Reads what to watch from a body. The first fault found is kept; the members after it are not looked at.</summary>
internal sealed class WatchBodyMapper
{
    private Problem? _problem;

    public static WatchRequest? TryMap(WatchBody body, out Problem? problem)
    {
        var mapper = new WatchBodyMapper();
        var request = mapper.Map(body);
        problem = mapper._problem;
        return problem is null ? request : null;
    }

    private WatchRequest Map(WatchBody body)
    {
        var parts = new WatchRangeParts
        {
            Keys = Bytes(body.Key, body.KeyBase64, "key"),
            Prefixes = Bytes(body.Prefix, body.PrefixBase64, "prefix"),
            Starts = Bytes(body.Start, body.StartBase64, "start"),
            Ends = Bytes(body.End, body.EndBase64, "end"),
            Depth = (int)Integer(body.Depth, 1, WatchRequest.DepthMax, "depth", ProblemCatalog.BadRequest),
        };
        _problem ??= parts.Check() is { } fault ? fault with { At = fault.At is null ? null : "/" + fault.At } : null;
        if (!WatchTypeNames.TryParse(Types(body.Types), out var types))
        {
            Fail(ProblemCatalog.BadRequest, WatchTypeNames.Expected, "types");
        }

        return new WatchRequest
        {
            Ranges = _problem is null ? parts.ToRanges() : [],
            Types = types,
            From = Integer(body.From, 1, QueryReader.IntegerMax, "from", ProblemCatalog.BadRevision),
            Previous = body.Prev ?? false,
            Values = Form(body.Values),
            Snapshot = body.Snapshot ?? false,
            Resync = body.Resync ?? false,
            Progress = Duration(body.Progress, 10_000, WatchRequest.ProgressMsMin, WatchRequest.ProgressMsMax, "progress"),
            Heartbeat = Duration(body.Heartbeat, 15_000, WatchRequest.HeartbeatMsMin, WatchRequest.HeartbeatMsMax, "heartbeat"),
            MaxLife = Duration(body.MaxLife, 0, WatchRequest.MaxLifeMsMin, WatchRequest.MaxLifeMsMax, "maxLife"),
            MinRevision = Integer(body.MinRev, 0, QueryReader.IntegerMax, "minRev", ProblemCatalog.BadRevision),
            Timeout = Duration(
                body.Timeout, HttpLimits.TimeoutSecondsDefault * 1000, 1000, HttpLimits.TimeoutSecondsMax * 1000, "timeout"),
        };
    }

    /// <summary>The words with commas between them; null when there are none.</summary>
    private string? Types(JsonElement? element)
    {
        var words = Items(element, "types");
        return element is null ? null : string.Join(',', words);
    }

    private List<byte[]> Bytes(JsonElement? text, JsonElement? base64, string name)
    {
        var all = new List<byte[]>();
        foreach (var item in Items(text, name))
        {
            all.Add(Bounded(Encoding.UTF8.GetBytes(item), name));
        }

        foreach (var item in Items(base64, name + "Base64"))
        {
            if (!StrictBase64.TryDecodeStandard(item, out var bytes))
            {
                Fail(ProblemCatalog.InvalidBase64, "standard base64 with padding is due", name + "Base64");
            }

            all.Add(Bounded(bytes, name + "Base64"));
        }

        return all;
    }

    private List<string> Items(JsonElement? element, string name)
    {
        if (element is not { } given)
        {
            return [];
        }

        if (given.ValueKind == JsonValueKind.String)
        {
            return [given.GetString()!];
        }

        if (given.ValueKind == JsonValueKind.Array && given.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
        {
            return [.. given.EnumerateArray().Select(item => item.GetString()!)];
        }

        Fail(ProblemCatalog.InvalidType, $"{name} is a string or an array of strings", name);
        return [];
    }

    private byte[] Bounded(byte[] bytes, string name)
    {
        if (bytes.Length > HttpLimits.KeyBytesMax)
        {
            Fail(ProblemCatalog.KeyTooLong, $"{name} has {bytes.Length} bytes", name);
        }

        return bytes;
    }

    private long Integer(long? given, long minimum, long maximum, string name, ProblemType fault)
    {
        if (given is { } number && (number < minimum || number > maximum))
        {
            Fail(fault, $"{name} is a whole number from {minimum} to {maximum}", name);
            return minimum;
        }

        return given ?? 0;
    }

    private TimeSpan Duration(JsonElement? element, long absentMs, long minimumMs, long maximumMs, string name)
    {
        if (element is not { } given)
        {
            return TimeSpan.FromMilliseconds(absentMs);
        }

        if (!JsonDuration.TryReadSeconds(given, out var seconds) || seconds * 1000 < minimumMs || seconds * 1000 > maximumMs)
        {
            Fail(
                ProblemCatalog.BadDuration,
                $"{name} is \"30s\", \"5m\" or a number of seconds, from {minimumMs / 1000} to {maximumMs / 1000} seconds",
                name);
        }

        return TimeSpan.FromSeconds(seconds);
    }

    private ValueForm Form(string? name)
    {
        for (var i = 0; i < Parameters.Values.Choices.Count; i++)
        {
            if (name == Parameters.Values.Choices[i])
            {
                return (ValueForm)i;
            }
        }

        if (name is not null)
        {
            Fail(ProblemCatalog.BadRequest, $"values is one of {string.Join(", ", Parameters.Values.Choices)}", "values");
        }

        return ValueForm.Text;
    }

    private void Fail(ProblemType type, string detail, string name) => _problem ??= new Problem(type, detail) { At = "/" + name };
}
