using RestKv.Api.Contracts;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;

namespace RestKv.Api.Endpoints;

/// <summary>Where watches are found.</summary>
internal sealed partial class WatchEndpoints
{
    private const string Tag = "Watches";

    private const string Behaviour =
        "An event stream (or NDJSON by `Accept: application/x-ndjson`) of every change to what is watched, in order, without gaps "
        + "and without repetition. The id of an event is its revision and comes with the last event of the revision: a client that "
        + "is cut off sends it back as `Last-Event-ID` and goes on where it was. Browsers do so by themselves.";

    private static readonly QuerySpec NoQuery = new();

    private static readonly HeaderParameter LastId = new(LastEventId, "Go on after this revision; wins over `from`.");

    private static readonly string[] Events =
        ["open", "put", "delete", "progress", "synced", "reset", "compacted", "problem", "closing"];

    public void Map(RouteGroupBuilder v1)
    {
        v1.MapGet("/watch", (Delegate)WatchAsync).Describe(Notes("watchKeys", "Watch keys", Behaviour) with
        {
            Query = WatchQuery.Spec,
            Problems = [400, 406, 410, 503, 504],
        });
        v1.MapPost("/watch", (Delegate)WatchByBodyAsync).WithMetadata(ReadOnlyOperation.Instance)
            .Describe(Notes("watchManyKeys", "Watch many keys", Behaviour + " By POST for more keys than a URL holds.") with
            {
                Body = typeof(WatchBody),
                Problems = [400, 403, 406, 410, 413, 415, 503, 504],
            });
    }

    private static OperationNotes Notes(string id, string summary, string description) => new()
    {
        Id = id,
        Tag = Tag,
        Summary = summary,
        Description = description,
        Headers = [LastId],
        Answers =
        [
            Answer.Other(KvHeaders.EventStream, "The stream.", typeof(WatchEventData)),
            Answer.Other(KvHeaders.NdJson, "The stream, one JSON object a line.", typeof(WatchEventData)),
        ],
        Events = Events,
    };
}
