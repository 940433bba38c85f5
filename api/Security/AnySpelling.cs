namespace RestKv.Api.Security;

/// <summary>Endpoint metadata: the path need not match letter for letter (pages made for browsers).</summary>
internal sealed class AnySpelling
{
    public static readonly AnySpelling Instance = new();
}
