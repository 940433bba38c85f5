using RestKv.Api.Contracts;
using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Security;

namespace RestKv.Api.Endpoints;

/// <summary>
/// `/v1/kv`, `/v1/kv64` and `/v1/history`: keys and values. Handlers take the context and nothing else: what they read is read
/// strictly and by hand, because binding neither tells faults apart nor leaves the hot path as short as it can be.
/// </summary>
internal sealed partial class KvEndpoints(ApiServices services)
{
    private const string Tag = "Keys";

    private ulong ClusterId => services.Node.Status.ClusterId;

    public void Map(RouteGroupBuilder v1)
    {
        MapKey(v1, "/kv/{key}", KeyRoute.Kv, "", "the key, percent-encoded; slashes may stay as they are");
        MapKey(v1, "/kv64/{key}", KeyRoute.Kv64, "Binary", "base64url without padding: any bytes");
        MapHistory(v1, "/history/{key}", KeyRoute.History, "getHistory", "The history of a key");
        MapHistory(v1, "/history64/{key}", KeyRoute.History64, "getBinaryHistory", "The history of a binary key");
        MapRange(v1);
    }

    private void MapKey(RouteGroupBuilder v1, string path, KeyRoute route, string infix, string how)
    {
        var keyed = new KeyRouteMetadata(route);
        MapReads(v1, path, keyed, infix, how);
        MapWrites(v1, path, keyed, infix);
    }

    private void MapReads(RouteGroupBuilder v1, string path, KeyRouteMetadata keyed, string infix, string how)
    {
        v1.MapGet(path, (Delegate)GetValueAsync).WithMetadata(keyed).Describe(new OperationNotes
        {
            Id = $"get{infix}Value",
            Tag = Tag,
            Summary = "Read a value",
            Description = $"The value's bytes as they were put, or the entry as JSON with `Accept: application/json`. In the path: {how}. "
                + "`wait` with `If-None-Match` holds the answer until the key differs. `Accept: text/event-stream` watches the key.",
            Query = GetQuery,
            Headers = [HeaderParameter.IfNoneMatch, HeaderParameter.IfMatch],
            Answers =
            [
                // The entry as JSON is not listed: generated clients would take every value for one. They list one key instead.
                Answer.Other(KvHeaders.Binary, "The value's bytes;"),
                Answer.Other("text/plain", "as text when they are UTF-8."),
                Answer.Empty(304, "The key is still at the revision of If-None-Match."),
            ],
            Problems = [400, 404, 410, 412, 503, 504],
        });
        v1.MapMethods(path, [HttpMethods.Head], (Delegate)GetValueAsync).WithMetadata(keyed).Describe(new OperationNotes
        {
            Id = $"head{infix}Value",
            Tag = Tag,
            Summary = "Read what is known about a value",
            Description = "The headers of the read, without the value.",
            Query = GetQuery,
            Headers = [HeaderParameter.IfNoneMatch, HeaderParameter.IfMatch],
            Answers = [Answer.Empty(200, "The key exists."), Answer.Empty(304, "The key is still at the revision of If-None-Match.")],
            Problems = [400, 404, 410, 412, 503, 504],
        });
    }

    private void MapWrites(RouteGroupBuilder v1, string path, KeyRouteMetadata keyed, string infix)
    {
        v1.MapPut(path, (Delegate)PutValueAsync).WithMetadata(keyed).Describe(new OperationNotes
        {
            Id = $"put{infix}Value",
            Tag = Tag,
            Summary = "Write a value",
            Description = "The body is the value, whatever its media type. Conditions are judged and the value written in one step.",
            Query = PutQuery,
            Headers =
            [
                HeaderParameter.IfMatch, HeaderParameter.IfNoneMatch, HeaderParameter.IdempotencyKey, HeaderParameter.Prefer,
            ],
            TakesValue = true,
            Answers =
            [
                Answer.Json<PutResult>(200, "The key was there and has a new value."),
                Answer.Json<PutResult>(201, "The key is new."),
                Answer.Empty(204, "Written; with `Prefer: return=minimal`."),
            ],
            Problems = [400, 403, 404, 409, 412, 413, 415, 422, 503, 504, 507],
            IsWrite = true,
        });
        v1.MapDelete(path, (Delegate)DeleteValueAsync).WithMetadata(keyed).Describe(new OperationNotes
        {
            Id = $"delete{infix}Value",
            Tag = Tag,
            Summary = "Delete a key",
            Description = "Deleting what is not there is no error; `If-Match: *` makes it one.",
            Query = DeleteQuery,
            Headers =
            [
                HeaderParameter.IfMatch, HeaderParameter.IfNoneMatch, HeaderParameter.IdempotencyKey, HeaderParameter.Prefer,
            ],
            Answers =
            [
                Answer.Json<DeleteResult>(200, "The key is not there any more."),
                Answer.Empty(204, "Deleted; with `Prefer: return=minimal`."),
            ],
            Problems = [400, 403, 409, 412, 422, 503, 504],
            IsWrite = true,
        });
    }

    private void MapHistory(RouteGroupBuilder v1, string path, KeyRoute route, string id, string summary) =>
        v1.MapRead(path, GetHistoryAsync, new OperationNotes
        {
            Id = id,
            Tag = Tag,
            Summary = summary,
            Description = "Every retained version, newest first, with time, author and, for deletions, the cause.",
            Query = HistoryQuery,
            Answers = [Answer.Json<KeyHistory>(200, "The versions.")],
            Problems = [400, 404, 410, 503, 504],
        }, new KeyRouteMetadata(route));

    private void MapRange(RouteGroupBuilder v1)
    {
        v1.MapRead("/kv", ListKeysAsync, new OperationNotes
        {
            Id = "listKeys",
            Tag = Tag,
            Summary = "List entries",
            Description = "A page of a range at one revision. With `wait` or `since`: the changes after a revision. "
                + "`Accept: application/x-ndjson` streams everything, one entry a line, and ends with a line that has `end`.",
            Query = ListRequest.Query,
            Answers =
            [
                Answer.Json<KeyPage>(200, "A page, a count or changes."),
                Answer.Empty(304, "Nothing changed while the request waited."),
            ],
            Problems = [400, 406, 410, 503, 504],
        });
        v1.MapDelete("/kv", (Delegate)DeleteKeysAsync).Describe(new OperationNotes
        {
            Id = "deleteKeys",
            Tag = Tag,
            Summary = "Delete a range",
            Description = "All keys of the range go in one revision. "
                + "A range with an open end, such as every key there is, goes only with `all=true`.",
            Query = DeleteRangeQuery,
            Headers = [HeaderParameter.IdempotencyKey, HeaderParameter.Prefer],
            Answers =
            [
                Answer.Json<DeleteRangeResult>(200, "The keys are not there any more."),
                Answer.Empty(204, "Deleted; with `Prefer: return=minimal`."),
            ],
            Problems = [400, 403, 409, 422, 503, 504],
            IsWrite = true,
        });
    }
}
