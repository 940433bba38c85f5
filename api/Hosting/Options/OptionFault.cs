namespace RestKv.Api.Hosting.Options;

/// <summary>Why a configuration is refused: which option, which value, where it stands, what is wrong.</summary>
/// <param name="Value">Null when there is no value to show.</param>
internal sealed record OptionFault(string Option, string? Value, string Place, string Message)
{
    public override string ToString() =>
        Value is null ? $"{Option} ({Place}): {Message}" : $"{Option} = \"{Value}\" ({Place}): {Message}";
}
