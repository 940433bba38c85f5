using System.Text.Json;
using RestKv.Checkers.History;

namespace RestKv.Cluster.Tests.Chaos;

/// <summary>A request in three forms: as the checkers know it, as it is sent, and how an answer to it is understood.</summary>
/// <param name="Read">Null for an answer that is none: a refusal or an error.</param>
internal sealed record ChaosCall(HistoryRequest Request, Func<HttpRequestMessage> NewMessage, Func<ChaosAnswer, HistoryReply?> Read)
{
    /// <summary>With it the request may be repeated until it is answered.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>A local read must not be older than this.</summary>
    public long RevisionMin { get; init; }

    public bool IsWrite => Request is HistoryRequest.Submit;
}

/// <summary>What came back.</summary>
/// <param name="Revision">The header `Kv-Revision`; 0 when there was none.</param>
internal readonly record struct ChaosAnswer(int Status, long Revision, bool IsReplayed, JsonElement Json);
