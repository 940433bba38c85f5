namespace RestKv.Api.Http;

/// <summary>What a query parameter holds, for the reader and for the OpenAPI document alike.</summary>
internal enum QueryParameterType : byte
{
    Text = 0,
    Integer = 1,

    /// <summary>`name`, `name=true` or `name=false`.</summary>
    Flag = 2,
    Duration = 3,

    /// <summary>One of <see cref="QueryParameter.Choices"/>.</summary>
    Choice = 4,
}

/// <summary>One query parameter: the only place that names and explains it.</summary>
internal sealed record QueryParameter(string Name, QueryParameterType Type, string Description)
{
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>May be given more than once; read with <see cref="QueryReader.AllKeyBytes"/>.</summary>
    public bool IsRepeatable { get; init; }

    public long? Minimum { get; init; }

    public long? Maximum { get; init; }
}
