namespace RestKv.Api.Http;

/// <summary>Endpoint metadata: this POST changes nothing, so its problems have no outcome and any origin rule for reads holds.</summary>
internal sealed class ReadOnlyOperation
{
    public static readonly ReadOnlyOperation Instance = new();
}
