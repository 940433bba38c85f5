namespace RestKv.Api.Telemetry;

/// <summary>A metric shown once more, under a name that others know it by. Costs nothing between scrapes.</summary>
/// <param name="Source">Name of the metric whose series these are.</param>
internal sealed record MetricAlias(string Source, string Name, string Help)
{
    /// <summary>Turns the printed labels of the source into those of the alias; null leaves a series out.</summary>
    public Func<string, string?> Relabel { get; init; } = static labels => labels;

    /// <summary>Labels that are shown with 0 as long as the source has no such series: a rate needs a first point.</summary>
    public IReadOnlyList<string> Expected { get; init; } = [];

    /// <summary>The source's series under the labels of the alias, and the expected ones that it lacks.</summary>
    public IEnumerable<KeyValuePair<string, MetricSeries>> SeriesOf(MetricFamily source)
    {
        var found = new SortedDictionary<string, MetricSeries>(StringComparer.Ordinal);
        foreach (var labels in Expected)
        {
            found[labels] = MetricSeries.Nothing;
        }

        foreach (var series in source.Series)
        {
            if (Relabel(series.Labels) is { } labels)
            {
                found[labels] = series;
            }
        }

        return found;
    }
}
