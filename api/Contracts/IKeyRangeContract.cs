namespace RestKv.Api.Contracts;

/// <summary>The members that name a key or a range in a JSON body; one way of saying it is allowed at a time.</summary>
internal interface IKeyRangeContract
{
    string? Key { get; }

    string? KeyBase64 { get; }

    string? Prefix { get; }

    string? PrefixBase64 { get; }

    string? Start { get; }

    string? StartBase64 { get; }

    string? End { get; }

    string? EndBase64 { get; }
}
