using RestKv.Api.Http;
using RestKv.Api.OpenApi;
using RestKv.Api.Security.Auth;

namespace RestKv.Api.Endpoints;

/// <summary>Where backups are found.</summary>
internal sealed partial class BackupEndpoints
{
    public void Map(RouteGroupBuilder v1) => v1.MapRead("/snapshot", GetSnapshotAsync, new OperationNotes
    {
        Id = "getSnapshot",
        Access = RouteAccess.Admin,
        Tag = "Maintenance",
        Summary = "Take a backup",
        Description = "The whole state of one moment (keys, retained history, leases, outcomes) as one file for `restkv restore`. It ends "
            + "with a digest of itself, so a file that was cut short is always known as such; over HTTP/2 the trailer `Repr-Digest` "
            + "gives the SHA-256 of the file as well. The store goes on meanwhile.",
        Query = Query,
        Answers = [Answer.Other(KvHeaders.Binary, "The backup.")],
        Problems = [400, 406, 503, 504],
    });
}
