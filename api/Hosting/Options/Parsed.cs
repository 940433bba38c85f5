namespace RestKv.Api.Hosting.Options;

/// <summary>A value, or the reason why the text is not one.</summary>
internal readonly record struct Parsed<T>(T? Value, string? Fault)
{
    public static implicit operator Parsed<T>(T value) => new(value, null);
}
